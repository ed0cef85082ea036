// Echoes over real packs: made where reads miss them, read while their primary is in trouble, and gone without a trace when nobody needs them.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { idOf, keys, tag } from '../../../src/catalog/keys.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { decodePack } from '../../../src/catalog/records/pack.ts';
import { EchoKeeper } from '../../../src/echo/acts/keeper.ts';
import { type DropReason, EchoSweeper } from '../../../src/echo/acts/sweeper.ts';
import { CatalogEchoMap } from '../../../src/echo/adapters/catalog-echo-map.ts';
import type { BlockRef } from '../../../src/model/block.ts';
import type { Echo } from '../../../src/model/echo.ts';
import { Copies } from '../../../src/objects/copies.ts';
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

beforeEach(async () => {
  aheadMs = 0;
  roomBytes = Number.POSITIVE_INFINITY;
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
      missed: (block, row) => keeper.missed(block, row),
      hedged: () => {},
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
  keeper = new EchoKeeper({
    ...{ map, clock, count: 2 },
    session: worker.session,
    ledger: worker.storage.ledger,
    read: { catalog: worker.catalog, partition, copies, shared },
    neighbours: async () =>
      [...world.seats.keys()].map((id) => ({
        ...{ partition: id, failureDomain: id, capacityDomain: id, headroom: 0.5, latencyMs: 1 },
        isWilling: health.get(id)!.state !== 'down',
      })),
    sparePerNeighbour: () => 24,
    usualMs: () => 10,
    room: (bytes) => {
      roomBytes -= bytes;
      return roomBytes >= 0;
    },
    onFailed: (_block, error) => failures.push(error),
    onMade: () => {},
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
  for (let at = 0; at < 6; at++) expect(await isRight(blocks)).toBe(true);
  await expect.poll(() => ready(blocks)).toHaveLength(2);
  expect(failures).toEqual([]);
  return { blocks, home };
}

const sweeper = (heat: ReadonlyMap<string, number> | undefined, dropped: [Echo, DropReason][], budgetBytes = 1e9) =>
  new EchoSweeper({
    map: new CatalogEchoMap(world.raw),
    catalog: world.raw,
    commit: (change) => worker.catalog.commit({ ...change, checks: [worker.session.check(), ...change.checks] }),
    deltaKey: () => worker.session.deltaKey(),
    clock,
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

  it('whose entry comes back when its pack is gone is not counted off again', async () => {
    const { blocks } = await echoed();
    const map = new CatalogEchoMap(world.raw);
    const [lost] = await ready(blocks);
    await map.change(lost!, lost, undefined);
    const own = sweeper(undefined, []);
    aheadMs = 400_000;
    await pilot.folder.tick();
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
