// Echoes over real packs: made where reads miss them, read while their primary is in trouble, and gone without a trace when nobody needs them.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { idOf, keys, tag } from '../../../src/catalog/keys.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { decodeUsage } from '../../../src/catalog/records/delta.ts';
import { decodePack } from '../../../src/catalog/records/pack.ts';
import { dropEcho } from '../../../src/echo/acts/drop-echo.ts';
import { EchoKeeper } from '../../../src/echo/acts/keeper.ts';
import type { MakeDeps } from '../../../src/echo/acts/make-echoes.ts';
import { type PinDeps, pinBlock } from '../../../src/echo/acts/pin-block.ts';
import { PinKeeper } from '../../../src/echo/acts/pin-keeper.ts';
import { pagePins, writePins } from '../../../src/echo/acts/pins.ts';
import { EchoScrubber } from '../../../src/echo/acts/scrub-echoes.ts';
import { type DropReason, EchoSweeper } from '../../../src/echo/acts/sweeper.ts';
import { CatalogEchoMap } from '../../../src/echo/adapters/catalog-echo-map.ts';
import { countRules, type WantedOf } from '../../../src/echo/count-for.ts';
import type { BlockRef } from '../../../src/model/block.ts';
import type { Echo } from '../../../src/model/echo.ts';
import { Copies } from '../../../src/objects/copies.ts';
import { packedBytes } from '../../../src/objects/packed-bytes.ts';
import { SharedReads } from '../../../src/objects/shared-reads.ts';
import { PartitionHealth } from '../../../src/partition/health.ts';
import { type FaultRule, FaultyPartition } from '../../../src/partition/wrappers/faulty-partition.ts';
import { WatchedPartition } from '../../../src/partition/wrappers/watched-partition.ts';
import {
  bodyOf,
  bucketId,
  hurriedClock,
  openWorld,
  publish,
  readAll,
  type Worker,
  type World,
} from '../objects-blocks/world.ts';
import { collectUntil, openPilot, rowsOf, type TestPilot } from '../upkeep/pilot.ts';

let world: World;
let worker: Worker;
let pilot: TestPilot;
let keeper: EchoKeeper;
let aheadMs: number;
const clock: Clock = { ...hurriedClock, steadyMs: () => hurriedClock.steadyMs() + aheadMs };
const faulty = new Map<string, FaultyPartition>();
const health = new Map<string, PartitionHealth>();
let failures: unknown[];
let chosen: string[];
let roomBytes: number;
let hedges: number;
let usualMs: number;
let keepsBytes: boolean;
/** Nothing shall stay there. */
let leaving: string | undefined;
let wanted: WantedOf;
let makes: MakeDeps;

beforeEach(async () => {
  aheadMs = 0;
  roomBytes = Number.POSITIVE_INFINITY;
  usualMs = 10;
  hedges = 0;
  keepsBytes = true;
  leaving = undefined;
  wanted = countRules([], 2);
  failures = [];
  chosen = [];
  const shared = new SharedReads();
  let map: CatalogEchoMap | undefined;
  const copies = new Copies({
    echoes: { of: (block) => map!.of(block) },
    health: (id) => health.get(id),
    usualInFlight: () => 0,
    clock,
    dice: () => 0,
    watcher: {
      chosen: (because, copy) => chosen.push(`${copy}: ${because}`),
      missed: (block, row, about, idle) => keeper.missed(block, row, about, idle),
      hedged: () => {
        hedges += 1;
      },
      broken: () => {},
    },
  });
  world = await openWorld({
    clock,
    wrap: (partition) => {
      const made = new FaultyPartition(partition, { random: seededRandom('acts'), clock });
      const own = new PartitionHealth();
      faulty.set(partition.id, made);
      health.set(partition.id, own);
      return new WatchedPartition(made, own, clock);
    },
    more: { copies, shared },
  });
  map = new CatalogEchoMap(world.raw);
  worker = await world.worker();
  pilot = await openPilot(world, { readMarginMs: 0, dropMarginMs: 0 });
  const partition = (id: string) => world.seats.get(id)?.partition;
  makes = {
    ...{ map, clock },
    get keepsBytes() {
      return keepsBytes;
    },
    session: worker.session,
    ledger: worker.storage.ledger,
    read: { catalog: worker.catalog, partition, copies, shared },
    neighbours: async () =>
      [...world.seats.keys()].map((id) => ({
        ...{ partition: id, failureDomain: id, capacityDomain: id, headroom: 0.5, latencyMs: 1 },
        isWilling: health.get(id)!.state !== 'down',
      })),
    room: (bytes) => {
      roomBytes -= bytes;
      return roomBytes >= 0;
    },
    onMade: () => {},
  };
  keeper = new EchoKeeper({
    ...makes,
    get keepsBytes() {
      return keepsBytes;
    },
    wanted: (bucket, key) => wanted(bucket, key),
    sparePerNeighbour: () => 24,
    usualMs: () => usualMs,
    onFailed: (_block, error) => failures.push(error),
  });
});
afterEach(async () => {
  await keeper.stop();
  await world.close();
});

const body = randomBytes(150_000);
async function stored(bytes = body): Promise<readonly BlockRef[]> {
  const where = { bucket: bucketId, key: 'k' };
  const written = await worker.store.write(where, bodyOf(bytes), { length: bytes.length });
  expect(await publish(worker, written)).toBe('done');
  return written.blocks;
}
const read = (blocks: readonly BlockRef[]) => readAll(worker.store.read(blocks, { start: 0, end: body.length }));
/** Comparing so many bytes with toEqual takes a second. */
const isRight = async (blocks: readonly BlockRef[]) => (await read(blocks)).equals(body);
const homeOf = async ([block]: readonly BlockRef[]) =>
  decodeBlock((await world.raw.get(keys.block(block!.id)))!.value).partition;
const echoesOf = async ([block]: readonly BlockRef[]): Promise<readonly Echo[]> =>
  await new CatalogEchoMap(world.raw).of(block!.id);
const ready = async (blocks: readonly BlockRef[]) => (await echoesOf(blocks)).filter(({ state }) => state === 'ready');

const down: FaultRule = { fault: { kind: 'partition-down', partition: 'p', message: 'on purpose' } };
/** Its latency is told and not waited for: it seems to do badly, and still answers. */
function makeSlow(id: string): void {
  const own = health.get(id)!;
  for (let at = 0; at < 40; at++) own.note('good', at, 1);
  for (let at = 0; at < 40; at++) own.note('good', 1000 + at, 50);
  expect(own.isSlow).toBe(true);
}

async function echoed(): Promise<{ blocks: readonly BlockRef[]; home: string }> {
  const blocks = await stored();
  const home = await homeOf(blocks);
  makeSlow(home);
  await expect
    .poll(async () => {
      expect(await isRight(blocks)).toBe(true);
      return await ready(blocks);
    })
    .toHaveLength(2);
  expect(failures).toEqual([]);
  return { blocks, home };
}

const sweeper = (heat: ReadonlyMap<string, number> | undefined, dropped: [Echo, DropReason][], budgetBytes = 1e9) =>
  new EchoSweeper({
    map: new CatalogEchoMap(world.raw),
    catalog: world.raw,
    commit: (change) => worker.catalog.commit({ ...change, checks: [worker.session.check(), ...change.checks] }),
    deltaKey: () => worker.session.deltaKey(),
    keepsBytes,
    clock,
    isLeaving: (partition) => partition === leaving,
    heat: async () => heat,
    budgetBytes: async () => budgetBytes,
    onDropped: (echo, because) => dropped.push([echo, because]),
  });
const packs = () =>
  rowsOf(world, tag.pack)
    .filter(({ value }) => decodePack(value).holds === 'echo' && decodePack(value).state !== 'reserved')
    .map(({ key }) => idOf(key));

describe('a block that is wanted while its partition does badly', () => {
  it('gets echoes on two others, which are read from then on', async () => {
    const { blocks, home } = await echoed();
    const places = (await ready(blocks)).map(({ partition }) => partition);
    expect(new Set([...places, home]).size).toBe(3);
    chosen = [];
    faulty.get(home)!.rules = [down];
    for (let at = 0; at < 20; at++) expect(await isRight(blocks)).toBe(true);
    expect(new Set(chosen)).toEqual(new Set(['echo: primary-slow']));
  });

  it('gets none while its partition does well, or for a few reads', async () => {
    const blocks = await stored();
    for (let at = 0; at < 20; at++) await read(blocks);
    makeSlow(await homeOf(blocks));
    for (let at = 0; at < 3; at++) await read(blocks);
    await keeper.stop();
    expect(await echoesOf(blocks)).toEqual([]);
  });

  it('gets the second when the first was not enough', async () => {
    const blocks = await stored();
    makeSlow(await homeOf(blocks));
    const hasOne = async () => (await read(blocks)) && (await ready(blocks)).length === 1;
    await expect.poll(hasOne).toBe(true);
    for (let at = 0; at < 3; at++) await read(blocks);
    await keeper.stop();
    expect(await ready(blocks)).toHaveLength(1);
  });

  it('gets none beyond the budget', async () => {
    const blocks = await stored();
    roomBytes = 200_000;
    makeSlow(await homeOf(blocks));
    for (let at = 0; at < 20; at++) await read(blocks);
    await keeper.stop();
    expect(await ready(blocks)).toHaveLength(1);
  });

  it('is still read from its partition when no echo can be made', async () => {
    const blocks = await stored();
    const home = await homeOf(blocks);
    for (const [id, partition] of faulty)
      if (id !== home) partition.rules = [{ ...down, operations: ['open', 'seal', 'flush'] }];
    makeSlow(home);
    for (let at = 0; at < 8; at++) expect(await isRight(blocks)).toBe(true);
    await keeper.stop();
    expect(failures.length).toBeGreaterThan(0);
    expect(await echoesOf(blocks)).toEqual([]);
  });
});

describe('an echo', () => {
  it('whose bytes are wrong is not let through: the next copy goes on from the same byte', async () => {
    const { blocks, home } = await echoed();
    for (const { partition } of await ready(blocks))
      faulty.get(partition)!.rules = [{ operations: ['read'], corrupt: true }];
    for (let at = 0; at < 10; at++) expect(await isRight(blocks)).toBe(true);
    faulty.get(home)!.rules = [{ operations: ['read'], corrupt: true }];
    await expect(read(blocks)).rejects.toThrow('block-corrupt');
  });

  it('that is gone, or on a partition that is down, costs nothing but a try', async () => {
    const { blocks } = await echoed();
    const [one, two] = await ready(blocks);
    await world.seats.get(one!.partition)!.partition.remove([one!.place!.pack]);
    faulty.get(two!.partition)!.rules = [down];
    for (let at = 0; at < 10; at++) expect(await isRight(blocks)).toBe(true);
  });

  it('goes when its block is cold, and not before; its pack goes with it', async () => {
    const { blocks } = await echoed();
    const dropped: [Echo, DropReason][] = [];
    const hot = new Map([[blocks[0]!.id, 100]]);
    await sweeper(hot, dropped).tick();
    aheadMs = 200_000;
    await sweeper(hot, dropped).tick();
    await sweeper(undefined, dropped).tick();
    expect(dropped).toEqual([]);
    await sweeper(new Map(), dropped).tick();
    expect(dropped.map(([, because]) => because)).toEqual(['cold', 'cold']);
    await collectUntil(pilot, () => packs().length === 0);
    expect(await isRight(blocks)).toBe(true);
  });

  it('goes with its block', async () => {
    const { blocks } = await echoed();
    await world.raw.commit({ checks: [], writes: [[keys.block(blocks[0]!.id), undefined]] });
    const dropped: [Echo, DropReason][] = [];
    await sweeper(undefined, dropped).tick();
    expect(dropped.map(([, because]) => because)).toEqual(['block-gone', 'block-gone']);
    await collectUntil(pilot, () => packs().length === 0);
  });

  it('goes for the budget, the coldest first', async () => {
    const one = await echoed();
    const dropped: [Echo, DropReason][] = [];
    const heat = new Map([[one.blocks[0]!.id, 5]]);
    await sweeper(heat, dropped, 200_000).tick();
    expect(dropped.map(([, because]) => because)).toEqual(['budget']);
    expect(await ready(one.blocks)).toHaveLength(1);
  });

  it('gives way to what is far hotter and has none, so that there is room', async () => {
    const { blocks } = await echoed();
    const bytes = (await ready(blocks)).reduce((sum, { length }) => sum + packedBytes(length), 0);
    const dropped: [Echo, DropReason][] = [];
    const swept = async (other: number) =>
      await sweeper(new Map([[blocks[0]!.id, 5]]).set('other', other), dropped, 1.02 * bytes).tick();
    await swept(9);
    expect(dropped).toEqual([]);
    await swept(11);
    expect(dropped.map(([, because]) => because)).toEqual(['budget']);
    await swept(11);
    expect(await ready(blocks)).toHaveLength(1);
  });

  it('of what is foreseen goes last for the budget, and a pinned one never', async () => {
    const { blocks } = await echoed();
    const map = new CatalogEchoMap(world.raw);
    const [one, two] = await ready(blocks);
    const heat = new Map([[blocks[0]!.id, 5]]);
    await map.change(one!, one, { ...one!, keptUntilMs: clock.steadyMs() + 1000 });
    const dropped: [Echo, DropReason][] = [];
    await sweeper(heat, dropped, 200_000).tick();
    expect(dropped).toMatchObject([[{ partition: two!.partition }, 'budget']]);
    await sweeper(heat, dropped, 0).tick();
    expect(await ready(blocks)).toEqual([]);
    await map.change(one!, undefined, { ...one!, isPinned: true });
    await sweeper(heat, dropped, 0).tick();
    expect(await ready(blocks)).toHaveLength(1);
  });

  it('whose filler died, or whose entry is lost, leaves nothing behind', async () => {
    const { blocks } = await echoed();
    const map = new CatalogEchoMap(world.raw);
    const [lost, other] = await ready(blocks);
    await map.change(lost!, lost, undefined);
    const claim: Echo = {
      block: blocks[0]!.id,
      partition: 'p-dead',
      state: 'filling',
      length: 9,
      sinceMs: 0,
      untilMs: 1,
      isPinned: false,
    };
    await map.change(claim, undefined, claim);
    const dropped: [Echo, DropReason][] = [];
    const own = sweeper(undefined, dropped);
    await own.tick();
    expect(dropped.map(([, because]) => because)).toEqual(['claim-ran-out']);
    aheadMs = 400_000;
    await pilot.folder.tick();
    await own.tick();
    await collectUntil(pilot, () => packs().length === 1);
    expect(packs()).toEqual([other!.place!.pack]);
    for (let at = 0; at < 5; at++) expect(await isRight(blocks)).toBe(true);
  });

  it('is asked too when its primary is late, and read when it is the first to answer', async () => {
    const { blocks, home } = await echoed();
    health.get(home)!.recovered();
    faulty.get(home)!.rules = [{ operations: ['read'], latencyMs: 60_000 }];
    const late = { bucket: 'shop', key: 'k', copy: undefined as string | undefined };
    expect(
      (await readAll(worker.store.read(blocks, { start: 0, end: body.length }, undefined, late))).equals(body),
    ).toBe(true);
    expect([late.copy, hedges]).toEqual(['hedge', 1]);
  });

  it('that has rotted is found by reading it back, and goes; one that cannot be asked stays', async () => {
    const { blocks } = await echoed();
    const broken: string[] = [];
    const scrubber = new EchoScrubber({
      ...pinDeps(),
      catalog: world.raw,
      partition: (id) => world.seats.get(id)?.partition,
      onBroken: ({ partition }) => broken.push(partition),
    });
    const round = async () => {
      for (let at = 0; at < 3; at++) await scrubber.tick();
    };
    await round();
    expect(await ready(blocks)).toHaveLength(2);
    const [rotten, silent] = (await ready(blocks)).map(({ partition }) => partition);
    faulty.get(rotten!)!.rules = [{ operations: ['read'], corrupt: true }];
    faulty.get(silent!)!.rules = [down];
    await round();
    expect(broken).toEqual([rotten]);
    expect((await ready(blocks)).map(({ partition }) => partition)).toEqual([silent]);
  });

  it('whose entry comes back when its pack is gone is not counted off again', async () => {
    const { blocks } = await echoed();
    const map = new CatalogEchoMap(world.raw);
    const [lost] = await ready(blocks);
    await map.change(lost!, lost, undefined);
    const own = sweeper(undefined, []);
    await pilot.folder.tick();
    await own.tick();
    aheadMs = 400_000;
    await own.tick();
    await collectUntil(pilot, () => packs().length === 1);
    await map.change(lost!, undefined, lost);
    expect(await isRight(blocks)).toBe(true);
    const dropped: [Echo, DropReason][] = [];
    await sweeper(new Map(), dropped).tick();
    expect(dropped).toHaveLength(2);
    await collectUntil(pilot, () => packs().length === 0);
    expect(rowsOf(world, tag.usage).filter(({ key }) => key.equals(keys.usage('pack', lost!.place!.pack)))).toEqual([]);
  });
});

describe('an echo that somebody else drops', () => {
  it('is counted off once, however late the count is folded', async () => {
    const { blocks } = await echoed();
    const own = sweeper(undefined, []);
    await own.tick();
    await pilot.folder.tick();
    aheadMs = 400_000;
    for (const echo of await ready(blocks)) expect(await dropEcho(pinDeps(), echo)).toBe(true);
    await own.tick();
    await pilot.folder.tick();
    const usage = async (pack: string) => {
      const row = await world.raw.get(keys.usage('pack', pack));
      return row === undefined ? 0 : decodeUsage(row.value).bytes; // nothing is left of it
    };
    expect(packs()).toHaveLength(2);
    for (const pack of packs()) expect(await usage(pack)).toBe(0);
    await collectUntil(pilot, () => packs().length === 0);
  });
});

describe('room', () => {
  it('is on partitions that are not at their reserve, as a block store sees them', async () => {
    expect((await worker.store.roomy()).length).toBe(4);
    const full = await openWorld({ reserveBytes: Number.MAX_SAFE_INTEGER });
    try {
      expect(await (await full.worker()).store.roomy()).toEqual([]);
    } finally {
      await full.close();
    }
  });
});

describe('how many echoes', () => {
  const readAs = async (blocks: readonly BlockRef[], bucket: string, key: string) =>
    (await readAll(worker.store.read(blocks, { start: 0, end: body.length }, undefined, { bucket, key }))).equals(body);

  it('is what the rule of the bucket says, whatever the default is and however great the crowd', async () => {
    wanted = countRules(
      [
        { bucket: 'quiet', count: 0 },
        { bucket: 'loud', prefix: 'now/', count: 3 },
        { bucket: 'loud', count: 1 },
      ],
      2,
    );
    for (const [bucket, key, count] of [
      ['quiet', 'k', 0],
      ['loud', 'now/k', 3],
      ['loud', 'k', 1],
      ['other', 'k', 2],
    ] as const) {
      const blocks = await stored();
      makeSlow(await homeOf(blocks));
      for (let at = 0; at < 30; at++) expect(await readAs(blocks, bucket, key)).toBe(true);
      await expect
        .poll(async () => {
          expect(await readAs(blocks, bucket, key)).toBe(true);
          return await ready(blocks);
        })
        .toHaveLength(count);
    }
    await keeper.stop();
    expect(failures).toEqual([]);
  });

  it('is made up for when one is gone', async () => {
    const { blocks } = await echoed();
    const [lost] = await ready(blocks);
    await makes.map.change(lost!, lost, undefined);
    for (let at = 0; at < 6; at++) expect(await isRight(blocks)).toBe(true);
    await expect.poll(() => ready(blocks)).toHaveLength(2);
  });

  it('grows when those that there are have more to do than they can take', async () => {
    wanted = countRules([], 1);
    const blocks = await stored();
    makeSlow(await homeOf(blocks));
    for (let at = 0; at < 6; at++) await read(blocks);
    usualMs = 10_000;
    await expect.poll(() => ready(blocks)).toHaveLength(1);
    const busy = health.get((await ready(blocks))[0]!.partition)!;
    for (let at = 0; at < 60; at++) busy.begin();
    const crowd = async () => {
      for (let at = 0; at < 40; at++) await read(blocks);
      return (await ready(blocks)).length;
    };
    await expect.poll(crowd, { timeout: 10_000 }).toBeGreaterThan(1);
  });
});

describe('an echo that is a descriptor alone', () => {
  it('has no bytes and is never read; it goes when its block is cold', async () => {
    keepsBytes = false;
    const blocks = await stored();
    makeSlow(await homeOf(blocks));
    for (let at = 0; at < 8; at++) expect(await isRight(blocks)).toBe(true);
    await expect.poll(() => echoesOf(blocks)).toHaveLength(2);
    expect((await echoesOf(blocks)).map(({ state, place }) => [state, place])).toEqual(
      Array(2).fill(['descriptor', undefined]),
    );
    expect(rowsOf(world, tag.pack).filter(({ value }) => decodePack(value).holds === 'echo')).toEqual([]);
    expect(new Set(chosen)).toEqual(new Set(['primary: no-echo']));
    const dropped: [Echo, DropReason][] = [];
    aheadMs = 200_000;
    await sweeper(new Map(), dropped).tick();
    expect(dropped.map(([, because]) => because)).toEqual(['cold', 'cold']);
  });

  it('goes from a partition where nothing shall stay, pinned or not', async () => {
    const { blocks } = await echoed();
    await pinBlock(pinDeps(), blocks[0]!.id, await rowOf(blocks), { count: 2, surplus: 'all' });
    const before = (await ready(blocks)).map(({ partition }) => partition);
    [leaving] = before;
    const dropped: [Echo, DropReason][] = [];
    await sweeper(undefined, dropped).tick();
    expect(dropped.map(([echo, why]) => [echo.partition, why])).toEqual([[leaving, 'partition-leaves']]);
    expect((await ready(blocks)).map(({ partition }) => partition)).toEqual(before.slice(1));
  });

  it('takes the place of one with bytes once that is how echoes are, and gets bytes once they have some again', async () => {
    const { blocks } = await echoed();
    keepsBytes = false;
    const dropped: [Echo, DropReason][] = [];
    await sweeper(undefined, dropped).tick();
    expect(dropped.map(([, because]) => because)).toEqual(['mode', 'mode']);
    for (let at = 0; at < 8; at++) await read(blocks);
    await expect.poll(() => echoesOf(blocks)).toHaveLength(2);
    await keeper.stop();
    keepsBytes = true;
    await pinBlock(pinDeps(), blocks[0]!.id, await rowOf(blocks), { count: 2, surplus: 'all' });
    expect(await ready(blocks)).toHaveLength(2);
  });
});

const rowOf = async ([block]: readonly BlockRef[]) => decodeBlock((await world.raw.get(keys.block(block!.id)))!.value);
const pinDeps = (): PinDeps => ({
  ...makes,
  keepsBytes,
  isThere: (id) => health.get(id)?.state !== 'down',
  catalog: worker.catalog,
  commit: (change) => worker.catalog.commit({ ...change, checks: [worker.session.check(), ...change.checks] }),
  deltaKey: () => worker.session.deltaKey(),
  onDropped: () => {},
});
const pins = () => ({ catalog: worker.catalog, check: () => worker.session.check() });
const pinKeeper = () => new PinKeeper({ ...pins(), pin: pinDeps(), clock });

describe('a pinned block', () => {
  /** As the admin API does it. */
  async function pin(blocks: readonly BlockRef[], count: number) {
    await writePins(pins(), [blocks[0]!.id], count);
    return await pinBlock(pinDeps(), blocks[0]!.id, await rowOf(blocks), { count, surplus: 'all' });
  }
  const states = async (blocks: readonly BlockRef[]) =>
    (await echoesOf(blocks)).map(({ state, isPinned }) => `${state}${isPinned ? ' pinned' : ''}`);

  it('has as many echoes as were pinned, those that were there among them; fewer when it is pinned to fewer', async () => {
    const { blocks } = await echoed();
    const [one, two] = (await ready(blocks)).map(({ partition }) => partition);
    roomBytes = 0; // an operator's wish is beyond the budget
    expect(await pin(blocks, 3)).toMatchObject({ made: 1, dropped: 0, placesMax: 3 });
    expect(await states(blocks)).toEqual(Array(3).fill('ready pinned'));
    expect((await echoesOf(blocks)).map(({ partition }) => partition)).toEqual(expect.arrayContaining([one, two]));
    expect(await pin(blocks, 4)).toMatchObject({ made: 0, placesMax: 3 });
    expect(await pin(blocks, 1)).toMatchObject({ made: 0, dropped: 2 });
    expect(await states(blocks)).toEqual(['ready pinned']);
    await collectUntil(pilot, () => packs().length === 1);
    expect(await pin(blocks, 0)).toMatchObject({ dropped: 1, partitions: [] });
    expect(await pagePins(world.raw, undefined, 10)).toEqual([]);
    await collectUntil(pilot, () => packs().length === 0);
    expect(await isRight(blocks)).toBe(true);
  });

  it('loses none to cold or budget, and what is lost is made anew', async () => {
    const blocks = await stored();
    await pin(blocks, 3);
    const dropped: [Echo, DropReason][] = [];
    aheadMs = 200_000;
    await sweeper(new Map(), dropped, 0).tick();
    expect(dropped).toEqual([]);
    const [lost, away] = await ready(blocks);
    await makes.map.change(lost!, lost, undefined);
    await pinKeeper().tick();
    expect(await states(blocks)).toEqual(Array(3).fill('ready pinned'));
    // Its partition is down and there is no other: better an entry that waits than one fewer.
    const down = health.get(away!.partition)!;
    for (let at = 0; at < 9; at++) down.note('failed', at);
    await pinKeeper().tick();
    expect(await states(blocks)).toHaveLength(3);
  });

  it('has echoes elsewhere when their partition is down, and no more than were pinned', async () => {
    const blocks = await stored();
    await pin(blocks, 2);
    const [away] = await ready(blocks);
    for (let at = 0; at < 9; at++) health.get(away!.partition)!.note('failed', at);
    await pinKeeper().tick();
    expect(await states(blocks)).toEqual(['ready pinned', 'ready pinned']);
    expect((await ready(blocks)).map(({ partition }) => partition)).not.toContain(away!.partition);
  });

  it('whose home cannot be read gets its echoes from those that are left', async () => {
    const blocks = await stored();
    await pin(blocks, 3);
    const [lost] = await ready(blocks);
    await makes.map.change(lost!, lost, undefined);
    faulty.get(await homeOf(blocks))!.rules = [down];
    await pinKeeper().tick();
    expect(await states(blocks)).toEqual(Array(3).fill('ready pinned'));
  });

  it('takes its pin along when it dies; a pin that was taken back leaves echoes like others', async () => {
    const [one, two] = [await stored(), await stored()];
    await pin(one, 1);
    await pin(two, 1);
    await world.raw.commit({ checks: [], writes: [[keys.block(one[0]!.id), undefined]] });
    await pinKeeper().tick();
    expect(await pagePins(world.raw, undefined, 10)).toEqual([{ block: two[0]!.id, count: 1 }]);
    await writePins(pins(), [two[0]!.id], 0);
    const dropped: [Echo, DropReason][] = [];
    await sweeper(undefined, dropped).tick();
    expect(await states(two)).toEqual(['ready']);
    expect(dropped.map(([, because]) => because)).toEqual(['block-gone']);
  });
});
