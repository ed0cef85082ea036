// Far more uploads at once than the gateway has memory for: some go through, the rest are told soon and politely to come again, everybody
// gets a turn, memory stays where it was promised, and small reads hardly notice.
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { chanceOf } from '../support/chance.ts';
import { sign } from '../support/sign.ts';
import type { Trial, TrialTools, Verdict, Volumes } from '../support/trial.ts';
import { median } from './support/memory.ts';
import { headBytes, Line } from './support/requests.ts';
import { type FuzzServer, owner, serveFuzzed } from './support/served.ts';
import { ofMany, Tally } from './support/tally.ts';

export const overload: Trial = {
  name: 'overload',
  promise:
    'Beyond its memory the gateway says 503 SlowDown at once and to everybody alike; nobody starves and nothing swells',
  full: { clients: 2_000, mebibytes: 8 },
  short: { clients: 150, mebibytes: 1 },
  run,
};

const MiB = 1024 * 1024;
const inFlightMiB = 32;
const anonMiBMax = 250;
/** A refusal is due after a second; the machine is as busy as it can be. */
const refusalMsMax = 5_000;
const user = owner;

interface Try {
  readonly status: number;
  readonly code: string | undefined;
  readonly retryAfterSec: number;
  readonly etag: string | undefined;
  /** From its request line to the first of its answer; the connection lives on for a moment, so that the rest of a body does not break it. */
  readonly tookMs: number;
}

/** One PUT on a connection of its own; half of the clients ask before they send. */
function upload(server: FuzzServer, key: string, body: Buffer, asksFirst: boolean): Promise<Try> {
  const target = `/bucket/${key}`;
  const headers = { host: server.authority, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  const signed = sign({ method: 'PUT', target, headers }, user).headers;
  const expect: Record<string, string> = asksFirst ? { expect: '100-continue' } : {};
  const head = headBytes('PUT', target, {
    ...signed,
    ...expect,
    'content-length': String(body.length),
    connection: 'close',
  });
  let startedMs = performance.now();
  return new Promise((done) => {
    const socket = connect(server.port, '127.0.0.1');
    let text = '';
    let sent = !asksFirst;
    let answeredMs: number | undefined;
    socket.on('connect', () => {
      startedMs = performance.now();
      socket.write(head);
      if (!asksFirst) socket.write(body);
    });
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (sent || !text.startsWith('HTTP/1.1 100')) {
        answeredMs ??= performance.now();
        return;
      }
      sent = true;
      text = text.slice(text.indexOf('\r\n\r\n') + 4);
      socket.write(body);
    });
    socket.on('error', () => undefined);
    socket.once('close', () =>
      done({
        status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0),
        code: /<Code>([^<]*)</.exec(text)?.[1],
        retryAfterSec: Number(/\r\nretry-after: (\d+)/i.exec(text)?.[1] ?? 0),
        etag: /\r\netag: (\S+)/i.exec(text)?.[1],
        tookMs: (answeredMs ?? performance.now()) - startedMs,
      }),
    );
  });
}

async function run({ clients = 0, mebibytes = 0 }: Volumes, tools: TrialTools): Promise<Verdict> {
  const chance = chanceOf(tools.random);
  const server = await serveFuzzed(tools.dir, [`limits: { bytesInFlight: ${inFlightMiB} MiB }`]);
  try {
    const tally = new Tally();
    const line = new Line(server.port);
    await line.must(200, { method: 'PUT', target: '/bucket', user });
    await line.must(200, { method: 'PUT', target: '/bucket/small', body: 'x'.repeat(4096), user });
    const calm = await readSmall(server, () => tally.of('reads') >= 300, tally);
    const workers = await server.workers();

    const body = Buffer.alloc(mebibytes * MiB, 'overload ');
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    const refusalMs: number[] = [];
    const attempts: number[] = [];
    const doneMs: number[] = [];
    const startedMs = performance.now();
    async function persist(client: number): Promise<void> {
      for (let attempt = 1; ; attempt++) {
        const made = await upload(server, `c${client}`, body, client % 2 === 0);
        if (made.status === 200) {
          if (made.etag !== etag) tally.fail('another ETag', `${made.etag}`);
          attempts.push(attempt);
          doneMs.push(performance.now() - startedMs);
          return;
        }
        if (made.status === 503 && made.code === 'SlowDown' && made.retryAfterSec > 0) refusalMs.push(made.tookMs);
        else if (made.status === 0) tally.add('cut off without a word');
        else tally.fail('refused otherwise', JSON.stringify(made));
        await sleep(Math.max(1, made.retryAfterSec) * 1_000 * (1 + chance.below(250) / 1_000));
      }
    }
    let mostMiB = 0;
    const watch = setInterval(async () => {
      const { anonMiB = 0 } = await server.held().catch(() => ({ anonMiB: 0 }));
      mostMiB = Math.max(mostMiB, anonMiB ?? 0);
    }, 250);
    const progress = setInterval(
      () => tools.say(`${attempts.length} of ${clients} are through, ${refusalMs.length} refusals`),
      10_000,
    );
    const reading = readSmall(server, () => attempts.length >= clients, tally);
    await Promise.all(Array.from({ length: clients }, (_, client) => persist(client)));
    const seconds = (performance.now() - startedMs) / 1_000;
    const crowded = await reading;
    clearInterval(watch);
    clearInterval(progress);

    const tries = attempts.reduce((sum, one) => sum + one, 0);
    const meanTries = tries / clients;
    const mostTries = Math.max(...attempts);
    if (mostTries > 10 + 4 * meanTries)
      tally.fail('a client starved', `${mostTries} tries where the mean is ${meanTries.toFixed(1)}`);
    const slowRefusal = quantile(refusalMs, 0.99);
    if (slowRefusal > refusalMsMax) tally.fail('refusals came late', `p99 ${slowRefusal.toFixed(0)} ms`);
    if (tally.of('cut off without a word') > tries / 50)
      tally.fail('cut off without a word', `${tally.of('cut off without a word')} of ${tries}`);
    if (mostMiB > anonMiBMax) tally.fail('memory', `a worker held ${mostMiB.toFixed(0)} MiB, more than ${anonMiBMax}`);
    if (String(await server.workers()) !== String(workers)) tally.fail('crash', 'a worker was replaced');
    for (const complaint of server.complaints()) tally.fail('error in the log', complaint);
    return {
      figures: [
        [
          'clients',
          `${clients.toLocaleString('en')} at once, ${mebibytes} MiB each, ${inFlightMiB} MiB in flight per worker`,
        ],
        [
          'through',
          `${ofMany(attempts.length, clients)} in ${seconds.toFixed(0)} s, ${((clients * mebibytes) / seconds).toFixed(0)} MiB/s`,
        ],
        [
          'refused with SlowDown and Retry-After',
          `${refusalMs.length.toLocaleString('en')}, after ${median(refusalMs).toFixed(0)} ms (median), ${slowRefusal.toFixed(0)} ms (p99)`,
        ],
        ['cut off without a word', ofMany(tally.of('cut off without a word'), tries)],
        ['tries per client, mean · p90 · most', `${meanTries.toFixed(1)} · ${quantile(attempts, 0.9)} · ${mostTries}`],
        [
          'half · 90 % · all of the clients through after',
          [0.5, 0.9, 1].map((share) => `${(quantile(doneMs, share) / 1_000).toFixed(1)} s`).join(' · '),
        ],
        [
          '4 KiB GET, p99 before · meanwhile',
          `${quantile(calm, 0.99).toFixed(0)} ms · ${quantile(crowded, 0.99).toFixed(0)} ms, ${crowded.length.toLocaleString('en')} of them, none refused`,
        ],
        ['RssAnon of the largest worker, most', `${mostMiB.toFixed(0)} MiB`],
      ],
      broken: tally.broken,
    };
  } finally {
    await server.stop();
  }
}

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

/** Two clients that read a small object again and again; what each read took. */
async function readSmall(server: FuzzServer, isOver: () => boolean, tally: Tally): Promise<number[]> {
  const times: number[] = [];
  await Promise.all(
    [0, 1].map(async () => {
      const line = new Line(server.port);
      do {
        const startedMs = performance.now();
        const status = await line.ask({ target: '/bucket/small', user }).then(
          (answer) => answer.status,
          () => 0,
        );
        times.push(performance.now() - startedMs);
        tally.add('reads');
        if (status !== 200) tally.fail('a small read failed', `${status} after ${times.at(-1)!.toFixed(0)} ms`);
        await sleep(5);
      } while (!isOver());
      line.close();
    }),
  );
  return times;
}
