// Whatever happens to echoes, a read gives the bytes that were stored: six ways of disturbing them while a crowd reads.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { request } from 'undici';
import { findRedis, RedisServer } from '../../test/support/redis.ts';
import { Fleet, partitionName, type Service } from './fleet.ts';
import { type Judge, type Read, runLoad } from './load.ts';
import { bytesOf, fillShelf, objectBytes, type Shelf, type Shelved } from './shelf.ts';
import { type EchoTrial, percent, type TrialFrame } from './trial.ts';

const readsWanted = 100_000;
const perSec = 500;
const roundsMax = 5;
const crowdShare = 0.6;
const home = 4;
const slowFactor = 8;
const service: Service = { readOps: 600, meanMs: 3, sigma: 0.5 };

/** What has been stored under a path, as far as anybody could have seen it. */
interface Known {
  /** The last one that was acknowledged, and the last one that was begun. */
  acknowledged: number;
  begun: number;
  /** When it may not have been there, ms of the monotonic clock. */
  readonly gone: { fromMs: number; toMs: number }[];
}

interface Stage {
  readonly fleet: Fleet;
  readonly shelf: Shelf;
  readonly random: () => number;
  readonly redis: RedisServer;
  readonly known: Map<string, Known>;
}

interface Disturbance {
  readonly name: string;
  readonly usesRedis?: boolean;
  /** Once; called again and again while the crowd reads. */
  readonly disturb: (stage: Stage) => Promise<void>;
  readonly lanes: number;
  readonly pauseMs: number;
}

const disturbances: readonly Disturbance[] = [
  { name: 'overwritten while its echo is made', lanes: 4, pauseMs: 20, disturb: overwrite },
  { name: 'deleted while an echo is read', lanes: 4, pauseMs: 20, disturb: deleteAndStore },
  { name: 'echoes with wrong bytes', lanes: 1, pauseMs: 100, disturb: spoilBytes },
  { name: 'all echoes dropped', lanes: 1, pauseMs: 1_500, disturb: dropAll },
  { name: 'poisoned entries of the map', usesRedis: true, lanes: 1, pauseMs: 100, disturb: poison },
  { name: 'Redis emptied, stopped, killed', usesRedis: true, lanes: 1, pauseMs: 2_000, disturb: hurtRedis },
];

export const truth: EchoTrial = {
  name: 'truth',
  headline: 'the right bytes, whatever happens to echoes',
  async run(frame) {
    const program = findRedis();
    if (typeof program === 'string') throw new Error(program);
    const redis = await RedisServer.start(program);
    const fleet = await Fleet.start(`${frame.dir}/truth`, service);
    try {
      await fleet.serve();
      const shelf = await fillShelf(fleet, frame.say);
      const known = new Map(shelf.cold.map(({ path }) => [path, { acknowledged: 0, begun: 0, gone: [] } as Known]));
      const found = [];
      for (const each of disturbances) {
        const stage = { fleet, shelf, random: frame.random, redis, known };
        found.push({ name: each.name, ...(await trouble(frame, stage, each)) });
      }
      return {
        setting: [
          `${perSec} reads/s of ${objectBytes / 1024} KiB, ${percent(crowdShare, 0)} of them of ${shelf.cold.length} objects of one partition that is made ${slowFactor} times as slow; quotas of ${service.readOps} reads/s, service time ${service.meanMs} ms. Each body is held against what was stored and acknowledged before the read began, or begun before it ended.`,
        ],
        head: ['', 'reads checked', 'from echoes', 'echoes made', 'found broken', 'disturbed', 'stale or wrong'],
        rows: found.map(({ name, reads, fromEchoes, made, broken, count, wrong }) => [
          name,
          reads.toLocaleString('en'),
          percent(fromEchoes, 1),
          String(made),
          String(broken),
          `${count} times`,
          String(wrong),
        ]),
        verdicts: found.map(({ name, reads, wrong, fromEchoes }) => ({
          what: `${name}: none of ${readsWanted.toLocaleString('en')} reads stale or wrong, with echoes among them`,
          measured: `${wrong} of ${reads.toLocaleString('en')}`,
          isHeld: wrong === 0 && fromEchoes > 0 && reads >= readsWanted * frame.scale,
        })),
      };
    } finally {
      await fleet.stop();
      await redis.remove();
    }
  },
};

async function trouble(
  { scale, say }: TrialFrame,
  stage: Stage,
  { name, usesRedis, lanes, pauseMs, disturb }: Disturbance,
) {
  const { fleet, shelf, random, redis } = stage;
  const redisLine = usesRedis ? [`redis: { url: '${redis.url}' }`] : [];
  await fleet.serve(['echo: { header: true }', ...redisLine]);
  await fleet.order({ partition: home, factor: slowFactor, isDown: false });
  let isOver = false;
  let count = 0;
  const lane = async (): Promise<void> => {
    while (!isOver) {
      await disturb(stage);
      count += 1;
      await sleep(pauseMs);
    }
  };
  const all = Array.from({ length: lanes }, lane);
  for (const one of all) one.catch(() => {}); // told below
  const wanted = readsWanted * scale;
  const reads: Read[] = [];
  const answered = (): Read[] => reads.filter(({ status }) => status === 200 || status === 404);
  // Not every one is answered; who is refused asks again, a few times.
  for (let round = 0; round < roundsMax && answered().length < wanted; round++) {
    const more = await runLoad(fleet, {
      ...{ perSec, random, atOnceMax: 400 },
      seconds: (1.02 * (wanted - answered().length)) / perSec + 1,
      pick: () => {
        const from = random() < crowdShare ? shelf.cold : shelf.objects;
        return from[Math.floor(random() * from.length)]!;
      },
      judge: (object) => judgeBy(stage.known, object),
    });
    for (const read of more) reads.push(read);
  }
  isOver = true;
  await Promise.all(all);
  await fleet.order({ partition: home, factor: 1, isDown: false });
  const checked = answered();
  const wrong = reads.filter(({ isRight }) => !isRight);
  const fromEchoes = share(checked, ({ copy }) => copy?.startsWith('echo:') ?? false);
  const made = await fleet.metric(/^echogate_echo_fills_total\{result="made"/);
  const broken = await fleet.metric(/^echogate_echo_broken_total/);
  say(
    `${name}: ${wrong.length} wrong of ${checked.length}, ${percent(fromEchoes, 1)} from echoes, disturbed ${count} times`,
  );
  for (const { object, status, copy } of wrong.slice(0, 5)) say(`  WRONG: ${object.path}: ${status} from ${copy}`);
  return { reads: checked.length, wrong: wrong.length, fromEchoes, made, broken, count };
}

const share = (reads: readonly Read[], is: (read: Read) => boolean): number => reads.filter(is).length / reads.length;

function judgeBy(all: ReadonlyMap<string, Known>, { path }: Shelved): Judge {
  const known = all.get(path);
  const oldest = known?.acknowledged ?? 0;
  const beganMs = performance.now();
  return (status, body) => {
    if (status === 404)
      return known?.gone.some(({ fromMs, toMs }) => fromMs <= performance.now() && toMs >= beganMs) ?? false;
    if (status !== 200) return true;
    const version = body.length >= 4 ? body.readUInt32LE(0) : -1;
    return version >= oldest && version <= (known?.begun ?? 0) && body.equals(bytesOf(path, version));
  };
}

const anyOf = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)]!;
/** One writer per object at a time: what is acknowledged then follows in order. */
const busy = new Set<string>();

async function withObject({ shelf, known, random }: Stage, work: (path: string, known: Known) => Promise<void>) {
  const { path } = anyOf(shelf.cold, random);
  if (busy.has(path)) return;
  busy.add(path);
  try {
    await work(path, known.get(path)!);
  } finally {
    busy.delete(path);
  }
}

async function storeNext({ fleet }: Stage, path: string, known: Known): Promise<boolean> {
  known.begun += 1;
  const version = known.begun;
  const { status } = await fleet.ask('PUT', fleet.target('PUT', `/${path}`), bytesOf(path, version));
  if (status === 200) known.acknowledged = version;
  return status === 200;
}

async function overwrite(stage: Stage): Promise<void> {
  await withObject(stage, async (path, known) => void (await storeNext(stage, path, known)));
}

async function deleteAndStore(stage: Stage): Promise<void> {
  await withObject(stage, async (path, known) => {
    const span = { fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY };
    known.gone.push(span);
    await stage.fleet.ask('DELETE', stage.fleet.target('DELETE', `/${path}`));
    await sleep(20);
    while (!(await storeNext(stage, path, known))) await sleep(100);
    span.toMs = performance.now();
  });
}

/** In the backend, where the partitions keep them: packs of about the size of one block, on other partitions than the crowd's. */
async function spoilBytes({ fleet, random }: Stage): Promise<void> {
  let at = Math.floor(random() * 12);
  if (at === home) at = (at + 1) % 12;
  const bucket = partitionName(at);
  const list = fleet.backendTarget('GET', `/${bucket}`);
  const text = await (await request(`${list.origin}${list.target}`)).body.text();
  const packs = [...text.matchAll(/<Key>([^<]+)<\/Key>[\s\S]*?<Size>(\d+)<\/Size>/g)]
    .map(([, key, size]) => ({ key: key!, size: Number(size) }))
    .filter(({ size }) => size > objectBytes && size < objectBytes + 4096);
  if (packs.length === 0) return;
  const { key } = anyOf(packs, random);
  const get = fleet.backendTarget('GET', `/${bucket}/${key}`);
  const answer = await request(`${get.origin}${get.target}`);
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  if (answer.statusCode !== 200) return;
  for (let byte = 0; byte < 8; byte++) bytes[Math.floor(random() * bytes.length)]! ^= 0x20;
  const put = fleet.backendTarget('PUT', `/${bucket}/${key}`);
  await (await request(`${put.origin}${put.target}`, { method: 'PUT', body: bytes })).body.dump();
}

async function dropAll({ fleet }: Stage): Promise<void> {
  await fleet.admin('POST', '/v1/echoes/drop', { all: true });
}

/** Entries are exchanged with one another, cut, or made of noise. */
async function poison({ redis, random }: Stage): Promise<void> {
  const client = new Redis(redis.port, '127.0.0.1', { lazyConnect: true });
  client.on('error', () => {});
  try {
    await client.connect();
    const names = await client.keys('echogate:*echoes*:of:*');
    if (names.length === 0) return;
    const name = anyOf(names, random);
    const fields = await client.hkeys(name);
    if (fields.length === 0) return;
    const other = anyOf(names, random);
    const [value] = await client.hvalsBuffer(other);
    const poisons: readonly (() => Buffer)[] = [
      () => value ?? Buffer.alloc(3),
      () => Buffer.from(Array.from({ length: 40 }, () => Math.floor(256 * random()))),
      () => (value ?? Buffer.alloc(9)).subarray(0, 5),
      () => {
        const changed = Buffer.from(value ?? Buffer.alloc(30));
        changed[Math.floor(random() * changed.length)]! ^= 1 << Math.floor(8 * random());
        return changed;
      },
    ];
    await client.hset(name, anyOf(fields, random), anyOf(poisons, random)());
  } finally {
    client.disconnect();
  }
}

async function hurtRedis({ redis, random }: Stage): Promise<void> {
  const which = Math.floor(3 * random());
  if (which === 0) {
    const client = new Redis(redis.port, '127.0.0.1');
    client.on('error', () => {});
    await client.flushall();
    client.disconnect();
  } else if (which === 1) {
    redis.freeze();
    await sleep(2_000);
    redis.thaw();
  } else {
    await redis.kill();
    await sleep(1_000);
    await redis.start();
  }
  await sleep(4_000);
}
