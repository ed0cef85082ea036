// A crowd that dribbles headers, dribbles bodies and does not read its answers, while others work: the others must not feel it, and
// what the crowd held must come back.
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Chance, chanceOf } from '../support/chance.ts';
import { sign } from '../support/sign.ts';
import type { Trial, TrialTools, Verdict, Volumes } from '../support/trial.ts';
import { median } from './support/memory.ts';
import { headBytes, Line, requestBytes } from './support/requests.ts';
import { type FuzzServer, owner, serveFuzzed } from './support/served.ts';
import { Tally } from './support/tally.ts';

export const slowClients: Trial = {
  name: 'slow-clients',
  promise:
    'Thousands who dribble their requests and do not read their answers do not slow those who work, and go in time',
  full: { sockets: 2_000, rounds: 6, roundSeconds: 10, patienceSeconds: 150, slackMs: 0 },
  // Beside other tests a p99 says little.
  short: { sockets: 200, rounds: 3, roundSeconds: 1, patienceSeconds: 0, slackMs: 150 },
  run,
};

const kinds = ['headers', 'body', 'reader'] as const;
type Kind = (typeof kinds)[number];
/** By when each kind must be gone: base/caps.ts and send-answer.ts, with the pauses between looks. */
const goneSeconds: Readonly<Record<Kind, number>> = { headers: 30, body: 30, reader: 130 };
const goodLanes = 4;
const user = owner;
const big = '/bucket/big';
const bigBytes = 24 * 1024 * 1024;

interface Slow {
  readonly kind: Kind;
  readonly socket: Socket;
  readonly openedMs: number;
  closedMs: number | undefined;
}

/** Opens one, and keeps it as slow as its kind until the server ends it. */
function dribble(server: FuzzServer, kind: Kind, chance: Chance): Slow {
  const socket = connect(server.port, '127.0.0.1');
  const slow: Slow = { kind, socket, openedMs: Date.now(), closedMs: undefined };
  const drip = (bytes: string): void => {
    const timer = setInterval(() => socket.write(bytes), 1_000 + chance.below(1_000));
    socket.once('close', () => clearInterval(timer));
  };
  socket
    .on('error', () => undefined)
    .once('close', () => {
      slow.closedMs ??= Date.now();
    });
  if (kind === 'headers') {
    socket.write(`GET /bucket/small HTTP/1.1\r\nHost: ${server.authority}\r\nX-Slow: `);
    drip('z');
    socket.resume();
  } else if (kind === 'body') {
    const headers = { host: server.authority, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const target = `/bucket/slow-${chance.below(1e9)}`;
    const signed = sign({ method: 'PUT', target, headers }, user).headers;
    socket.write(headBytes('PUT', target, { ...signed, 'content-length': '100000000' }));
    drip('z'.repeat(20));
    socket.resume();
  } else {
    socket.write(requestBytes(server.authority, { target: big, user }));
    socket.pause();
  }
  return slow;
}

/** Good clients for a while; what each request took. */
async function work(server: FuzzServer, forMs: number, chance: Chance, tally: Tally): Promise<number[]> {
  const times: number[] = [];
  const endMs = Date.now() + forMs;
  await Promise.all(
    Array.from({ length: goodLanes }, async (_, lane) => {
      const line = new Line(server.port);
      while (Date.now() < endMs) {
        const isWrite = chance.flip(0.2);
        const startedMs = performance.now();
        const answer = await line.ask(
          isWrite
            ? { method: 'PUT', target: `/bucket/good-${lane}`, body: 'x'.repeat(4096), user }
            : { target: '/bucket/small', user },
        );
        times.push(performance.now() - startedMs);
        if (answer.status !== 200) tally.fail('a good client was refused', `${answer.status} ${answer.body}`);
      }
      line.close();
    }),
  );
  return times;
}

const p99 = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;

async function run(volumes: Volumes, tools: TrialTools): Promise<Verdict> {
  const { sockets = 0, rounds = 0, roundSeconds = 0, patienceSeconds = 0, slackMs = 0 } = volumes;
  const chance = chanceOf(tools.random);
  const server = await serveFuzzed(tools.dir);
  try {
    const tally = new Tally();
    const line = new Line(server.port);
    await line.must(200, { method: 'PUT', target: '/bucket', user });
    await line.must(200, { method: 'PUT', target: '/bucket/small', body: 'x'.repeat(4096), user });
    await line.must(200, { method: 'PUT', target: big, body: Buffer.alloc(bigBytes, 'x'), user });
    line.close();
    await work(server, 1_000, chance, tally);
    const workers = await server.workers();
    const before = await server.held();
    let most = before;

    const calm: number[] = [];
    const crowded: number[] = [];
    const lives: { kind: Kind; seconds: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      calm.push(p99(await work(server, roundSeconds * 1_000, chance, tally)));
      const crowd = await gather(server, sockets, chance);
      crowded.push(p99(await work(server, roundSeconds * 1_000, chance, tally)));
      const held = await server.held();
      if ((held.anonMiB ?? 0) > (most.anonMiB ?? 0)) most = held;
      tools.say(
        `round ${round + 1} of ${rounds}: p99 ${calm.at(-1)!.toFixed(1)} ms alone, ${crowded.at(-1)!.toFixed(1)} ms in the crowd`,
      );
      // The last crowd stays to see when the server ends it.
      if (round === rounds - 1) await outwait(crowd, patienceSeconds, tools);
      for (const { kind, openedMs, closedMs } of crowd) {
        if (closedMs !== undefined) lives.push({ kind, seconds: (closedMs - openedMs) / 1000 });
      }
      for (const { kind, socket, closedMs } of crowd) {
        const due = goneSeconds[kind];
        if (round === rounds - 1 && closedMs === undefined && patienceSeconds > due)
          tally.fail(`a slow ${kind} was still there after ${due} s`, '');
        socket.destroy();
      }
      await sleep(500);
    }
    const ratio = median(crowded) / median(calm);
    if (median(crowded) > 2 * median(calm) + slackMs) {
      tally.fail('p99 of good clients', `${ratio.toFixed(2)} times what it is without the crowd`);
    }

    await sleep(2_500);
    const after = await server.held();
    const left = (after.descriptors ?? 0) - (before.descriptors ?? 0);
    if (left > 20) tally.fail('descriptors', `${left} more than before`);
    if ((most.anonMiB ?? 0) > 250) tally.fail('memory', `a worker held ${most.anonMiB?.toFixed(0)} MiB`);
    if (String(await server.workers()) !== String(workers)) tally.fail('crash', 'a worker was replaced');
    for (const complaint of server.complaints()) tally.fail('error in the log', complaint);
    const ended = (kind: Kind): string => {
      const seconds = lives.filter((each) => each.kind === kind).map((each) => each.seconds);
      return seconds.length === 0 ? 'none ended by the server yet' : `${Math.max(...seconds).toFixed(0)} s at most`;
    };
    return {
      figures: [
        [
          'slow sockets',
          `${sockets.toLocaleString('en')}, a third each: headers, bodies, readers of ${bigBytes / 1024 / 1024} MiB`,
        ],
        ['p99 of good clients, median of rounds, alone', `${median(calm).toFixed(1)} ms`],
        ['in the crowd', `${median(crowded).toFixed(1)} ms, ${ratio.toFixed(2)}×`],
        ...kinds.map((kind): [string, string] => [`slow ${kind} lived`, ended(kind)]),
        ['descriptors before · after', `${before.descriptors ?? '?'} · ${after.descriptors ?? '?'}`],
        [
          'RssAnon of the largest worker, before · most · after',
          [before, most, after].map(({ anonMiB }) => `${anonMiB?.toFixed(0) ?? '?'} MiB`).join(' · '),
        ],
      ],
      broken: tally.broken,
    };
  } finally {
    await server.stop();
  }
}

async function gather(server: FuzzServer, count: number, chance: Chance): Promise<Slow[]> {
  const crowd: Slow[] = [];
  while (crowd.length < count) {
    crowd.push(dribble(server, kinds[crowd.length % kinds.length]!, chance));
    if (crowd.length % 50 === 0) await sleep(20);
  }
  // Until the readers' sockets are full: how fast they fill is not what is asked here.
  await sleep(1_000 + 5 * count);
  return crowd;
}

/** Looks on as the server ends them; a reader that was ended finds out when it reads. */
async function outwait(crowd: readonly Slow[], seconds: number, tools: TrialTools): Promise<void> {
  const endMs = Date.now() + seconds * 1_000;
  for (let looks = 1; Date.now() < endMs && crowd.some(({ closedMs }) => closedMs === undefined); looks++) {
    await sleep(1_000);
    if (looks % 10 === 0)
      tools.say(`${crowd.filter(({ closedMs }) => closedMs === undefined).length} slow ones are left`);
  }
  if (seconds === 0) return;
  for (const { socket, closedMs } of crowd) if (closedMs === undefined) socket.resume();
  // What waits in the kernel comes first, megabytes for each: only those whom the server did not end stay open after it.
  for (let looks = 0; looks < 60 && crowd.some(({ closedMs }) => closedMs === undefined); looks++) await sleep(1_000);
}
