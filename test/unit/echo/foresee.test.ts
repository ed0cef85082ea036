// Echoes for what is foreseen, over real packs: they are there before the load comes, stay as long as it lasts, and go after it.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { seededRandom, systemRandom } from '../../../src/base/random.ts';
import { idOf, keys, tag } from '../../../src/catalog/keys.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { decodePack } from '../../../src/catalog/records/pack.ts';
import type { LookLimits } from '../../../src/echo/acts/find-candidates.ts';
import { EchoForesight } from '../../../src/echo/acts/foresee.ts';
import { makeEchoes } from '../../../src/echo/acts/make-echoes.ts';
import { type DropReason, EchoSweeper } from '../../../src/echo/acts/sweeper.ts';
import { CatalogEchoMap } from '../../../src/echo/adapters/catalog-echo-map.ts';
import type { Neighbour, PlacedSpot } from '../../../src/echo/echo.ts';
import type { Bucket } from '../../../src/model/bucket.ts';
import type { Echo } from '../../../src/model/echo.ts';
import { Copies } from '../../../src/objects/copies.ts';
import type { Objects } from '../../../src/objects/objects.ts';
import { createObjects } from '../../../src/objects/stories.ts';
import { PartitionHealth } from '../../../src/partition/health.ts';
import { type FaultRule, FaultyPartition } from '../../../src/partition/wrappers/faulty-partition.ts';
import { WatchedPartition } from '../../../src/partition/wrappers/watched-partition.ts';
import type { HeatedBlock } from '../../../src/telemetry/telemetry.ts';
import { bodyOf, collect, never, plain } from '../objects/support/fixture.ts';
import { hurriedClock, openWorld, type Worker, type World } from '../objects-blocks/world.ts';
import { collectUntil, openPilot, rowsOf, type TestPilot } from '../upkeep/pilot.ts';

/** Of the demand clock, which runs with steady time here. */
const startSec = 1_000_000;
const bodyBytes = 30_000;

let world: World;
let worker: Worker;
let pilot: TestPilot;
let objects: Objects;
let bucket: Bucket;
let aheadMs: number;
const clock: Clock = { ...hurriedClock, steadyMs: () => hurriedClock.steadyMs() + aheadMs };
const faulty = new Map<string, FaultyPartition>();
const health = new Map<string, PartitionHealth>();
let map: CatalogEchoMap;
let spots: readonly PlacedSpot[];
let hottest: readonly HeatedBlock[];
let budgetBytes: number;
let standingBytes: number;
let most: number;
let spare: ReadonlyMap<string, number>;
let failures: unknown[];
let changes: number;
let pages: number;
/** Called at each claim. */
let onClaim: (claim: Echo) => Promise<void>;

beforeEach(async () => {
  aheadMs = 0;
  [spots, hottest, failures, changes, pages, budgetBytes, standingBytes, most] = [[], [], [], 0, 0, 1e9, 0, 9];
  onClaim = async () => {};
  spare = new Map();
  world = await openWorld({
    clock,
    wrap: (partition) => {
      const made = new FaultyPartition(partition, { random: seededRandom('foresee'), clock });
      const own = new PartitionHealth();
      faulty.set(partition.id, made);
      health.set(partition.id, own);
      return new WatchedPartition(made, own, clock);
    },
    more: {
      copies: new Copies({
        echoes: { of: (block) => map.of(block) },
        health: (id) => health.get(id),
        usualInFlight: () => 0,
        clock,
        dice: () => 0,
      }),
    },
  });
  map = new CatalogEchoMap(world.raw);
  worker = await world.worker();
  pilot = await openPilot(world, { readMarginMs: 0, dropMarginMs: 0 });
  objects = createObjects({ catalog: worker.catalog, blocks: worker.store, clock, random: systemRandom });
  bucket = await objects.createBucket({ name: 'shop', acl: plain.acl, region: 'r' });
});
afterEach(() => world.close());

/** What the worker and its partitions are for whoever makes echoes. */
const fill = () => ({
  ...{ clock, session: worker.session, ledger: worker.storage.ledger, keepsBytes: true, onMade: () => {} },
  map: {
    of: (block: string) => map.of(block),
    page: async (...asked: Parameters<CatalogEchoMap['page']>) => {
      pages += 1;
      return await map.page(...asked);
    },
    close: async () => {},
    change: async (...[name, known, next]: Parameters<CatalogEchoMap['change']>) => {
      changes += 1;
      const done = await map.change(name, known, next);
      if (done && next?.state === 'filling') await onClaim(next);
      return done;
    },
  },
  read: { catalog: worker.catalog, partition: (id: string) => world.seats.get(id)?.partition },
  neighbours: async () =>
    [...world.seats.keys()].map(
      (id): Neighbour => ({
        ...{ partition: id, failureDomain: id, capacityDomain: id, headroom: 0.5, latencyMs: 1 },
        isWilling: health.get(id)!.state !== 'down',
      }),
    ),
});
const foresight = (limits?: LookLimits) =>
  new EchoForesight({
    ...fill(),
    ...(limits && { limits }),
    spots: async () => spots,
    nowSec: () => startSec + aheadMs / 1000,
    steadyMsAt: (sec) => hurriedClock.steadyMs() + (sec - startSec) * 1000,
    hottest: async () => hottest,
    budgetBytes: async () => ({ all: budgetBytes, standing: standingBytes }),
    mostIn: async () => () => most,
    spareReads: async () => spare,
    count: 2,
    onFailed: (_block, error) => failures.push(error),
  });
const hint = (fromSec: number, toSec: number, prefix = 'hot/'): PlacedSpot => ({
  ...{ name: 'hint', factor: 5, isDeclared: true, where: { bucket: 'shop', prefix } },
  fromSec: startSec + fromSec,
  toSec: startSec + toSec,
});

const write = async (key: string, bytes: Buffer) =>
  await objects.write(bucket, key, bodyOf(bytes), { ...plain, conditions: {} }, { signal: never });
const body = randomBytes(bodyBytes);
async function stored(count: number, prefix = 'hot/'): Promise<string[]> {
  const names = Array.from({ length: count }, (_, at) => `${prefix}${at}`);
  for (const key of names) await write(key, body);
  return names;
}
async function read(key: string): Promise<Buffer> {
  const { body: source } = await objects.read(bucket, key, {}, { signal: never });
  return await collect(source);
}
const blockOf = async (key: string): Promise<string> => (await objects.peek(bucket, key))!.blocks![0]!.id;
const homeOf = async (block: string) => decodeBlock((await world.raw.get(keys.block(block)))!.value).partition;
const all = async (): Promise<readonly Echo[]> => await map.page(undefined, 1000);
const down: FaultRule = { fault: { kind: 'partition-down', partition: 'p', message: 'on purpose' } };

async function sweep(heat: ReadonlyMap<string, number> = new Map()): Promise<DropReason[]> {
  const dropped: DropReason[] = [];
  await new EchoSweeper({
    ...{ map, catalog: world.raw, clock, keepsBytes: true, isLeaving: () => false },
    commit: (change) => worker.catalog.commit({ ...change, checks: [worker.session.check(), ...change.checks] }),
    deltaKey: () => worker.session.deltaKey(),
    heat: async () => heat,
    budgetBytes: async () => 1e9,
    onDropped: (_echo, because) => dropped.push(because),
  }).tick();
  return dropped;
}

describe('a hot spot that is declared', () => {
  it('has echoes of all of its cold objects on other partitions before it begins, and others have none', async () => {
    const names = await stored(16);
    await stored(4, 'other/');
    spots = [hint(500, 900)];
    await foresight().tick();
    const echoes = await all();
    expect(echoes).toHaveLength(32);
    for (const key of names) {
      const block = await blockOf(key);
      const own = echoes.filter((echo) => echo.block === block);
      expect(own.map(({ state }) => state)).toEqual(['ready', 'ready']);
      const places = [await homeOf(block), ...own.map(({ partition }) => partition)];
      expect(new Set(places).size).toBe(3);
    }
    // Their home may go now.
    faulty.get(await homeOf(await blockOf(names[0]!)))!.rules = [down];
    for (const key of names) expect((await read(key)).equals(body)).toBe(true);
  });

  it('has none while it is far away or over, and then it costs nothing', async () => {
    await stored(3);
    spots = [hint(601, 900), hint(-100, 0)];
    await foresight().tick();
    expect(pages).toBe(0);
    expect(await all()).toEqual([]);
  });

  it('keeps them however cold they are until it is over; then they go, with their packs', async () => {
    await stored(3);
    spots = [hint(500, 4000)];
    const own = foresight();
    for (const atSec of [0, 400, 1500, 2400, 3300, 3990]) {
      aheadMs = atSec * 1000;
      await own.tick();
      expect(await sweep()).toEqual([]);
    }
    expect(await all()).toHaveLength(6);
    aheadMs = 4065_000;
    await own.tick();
    expect(await sweep()).toEqual(Array.from({ length: 6 }, () => 'cold'));
    const packs = () =>
      rowsOf(world, tag.pack).filter(({ value }) => {
        const { holds, state } = decodePack(value);
        return holds === 'echo' && state !== 'reserved';
      });
    await collectUntil(pilot, () => packs().map(({ key }) => idOf(key)).length === 0);
  });

  it('writes nothing while all is as it should be, and keeps what was made for other reasons', async () => {
    const [name] = await stored(2);
    const block = await blockOf(name!);
    const row = decodeBlock((await world.raw.get(keys.block(block)))!.value);
    await makeEchoes({ ...fill(), room: () => true }, block, row, { count: 1, isPinned: false });
    spots = [hint(0, 1000)];
    const own = foresight();
    await own.tick();
    const made = await all();
    expect(made).toHaveLength(4);
    for (const { keptUntilMs = 0 } of made) expect(keptUntilMs - clock.steadyMs()).toBeGreaterThan(1_000_000);
    changes = 0;
    for (aheadMs = 0; aheadMs < 900_000; aheadMs += 100_000) await own.tick();
    expect(changes).toBe(0);
    // It is to last longer: they are kept on before they would go.
    spots = [hint(0, 5000)];
    await own.tick();
    expect(changes).toBe(4);
    await own.tick();
    expect(changes).toBe(4);
  });

  it('that is taken back is soon judged by its heat', async () => {
    await stored(2);
    spots = [hint(0, 100_000)];
    await foresight().tick();
    spots = [];
    aheadMs = 31 * 60_000;
    expect(await sweep()).toEqual(Array.from({ length: 4 }, () => 'cold'));
  });

  it('that is large is looked at in part, and several take turns', async () => {
    await stored(3, 'hot/');
    await stored(3, 'warm/');
    spots = [hint(0, 1000), hint(0, 1000, 'warm/')];
    const own = foresight({ spot: 2, all: 2 });
    await own.tick();
    expect(await all()).toHaveLength(4);
    await own.tick();
    expect(await all()).toHaveLength(8);
    await own.tick();
    expect(await all()).toHaveLength(8);
  });

  it('has those of its hottest blocks wherever they are found, where whole areas are its own', async () => {
    bucket = await objects.updateBucket('shop', (is) => ({ ...is, versioning: 'enabled' }));
    const [name] = await stored(1);
    const old = await blockOf(name!);
    await stored(1);
    hottest = [{ block: old, area: bucket.id, heat: 10 }];
    spots = [hint(0, 1000)];
    await foresight().tick();
    expect(new Set((await all()).map(({ block }) => block))).toEqual(new Set([await blockOf(name!)]));
    spots = [hint(0, 1000, '')];
    await foresight().tick();
    expect(new Set((await all()).map(({ block }) => block))).toEqual(new Set([await blockOf(name!), old]));
  });

  it('has no more than the budget allows, of the hottest', async () => {
    const names = await stored(5);
    const hot = await blockOf(names[3]!);
    hottest = [{ block: hot, area: 'elsewhere', heat: 10 }];
    spots = [hint(0, 1000)];
    budgetBytes = 4 * (bodyBytes + 1000);
    const own = foresight();
    await own.tick();
    await own.tick();
    const echoes = await all();
    expect(echoes).toHaveLength(4);
    expect(echoes.map(({ block }) => block)).toContain(hot);
    budgetBytes = 6 * (bodyBytes + 1000);
    await own.tick();
    expect((await all()).filter(({ block }) => block === hot)).toHaveLength(2);
    expect(await all()).toHaveLength(6);
  });
});

describe('what is hot at all', () => {
  it('has echoes within its part of the budget, one of each block before the second of any, until it is cold', async () => {
    const names = await stored(4);
    const blocks = await Promise.all(names.map(blockOf));
    hottest = [200, 100, 50, 15].map((heat, at) => ({ block: blocks[at]!, area: 'a', heat }));
    standingBytes = 4 * (bodyBytes + 1000);
    const own = foresight();
    await own.tick();
    const countOf = async (block: string) => (await all()).filter((echo) => echo.block === block).length;
    expect(await Promise.all(blocks.map(countOf))).toEqual([2, 1, 1, 0]);
    expect((await all()).every(({ keptUntilMs }) => keptUntilMs === undefined)).toBe(true);
    await own.tick();
    expect(await all()).toHaveLength(4);
    aheadMs = 200_000;
    expect(await sweep(new Map([[blocks[0]!, 5]]))).toEqual(['cold', 'cold']);
  });

  it('has no more than an operator says of its bucket', async () => {
    const [name] = await stored(1);
    hottest = [{ block: await blockOf(name!), area: 'a', heat: 100 }];
    standingBytes = 1e9;
    for (const each of [0, 1]) {
      most = each;
      await foresight().tick();
      expect(await all()).toHaveLength(each);
    }
  });

  it('goes where the fleet could carry its reads if its home died', async () => {
    const [name] = await stored(1);
    const block = await blockOf(name!);
    const home = await homeOf(block);
    hottest = [{ block, area: 'a', heat: 600 }]; // some seven reads a second
    standingBytes = 1e9;
    const [full, ...others] = [...world.seats.keys()].filter((id) => id !== home);
    spare = new Map([[full!, 1], ...others.map((id) => [id, 100] as const)]);
    await foresight().tick();
    const places = (await all()).map(({ partition }) => partition);
    expect(places).toHaveLength(2);
    expect(places).not.toContain(full);
  });

  it('leaves what is declared its end', async () => {
    const [name] = await stored(1);
    const block = await blockOf(name!);
    hottest = [{ block, area: 'a', heat: 100 }];
    standingBytes = 1e9;
    spots = [hint(0, 1000)];
    await foresight().tick();
    expect((await all()).map(({ keptUntilMs }) => keptUntilMs !== undefined)).toEqual([true, true]);
  });
});

describe('what happens meanwhile', () => {
  it('an object that is overwritten while its echo is made costs nothing: the new one gets its own', async () => {
    const [name, ...others] = await stored(3);
    const before = await blockOf(name!);
    const after = randomBytes(bodyBytes);
    spots = [hint(0, 1000)];
    onClaim = async ({ block }) => {
      if (block !== before || (await blockOf(name!)) !== before) return;
      await write(name!, after);
      await collectUntil(pilot, async () => (await world.raw.get(keys.block(before))) === undefined);
    };
    const own = foresight();
    await own.tick();
    expect(failures).toEqual([]);
    expect((await read(name!)).equals(after)).toBe(true);
    await own.tick();
    const blocks = await Promise.all([name!, ...others].map(blockOf));
    const ready = (await all()).filter(({ state, block }) => state === 'ready' && blocks.includes(block));
    expect(ready).toHaveLength(6);
    await sweep();
    expect((await all()).every(({ block }) => blocks.includes(block))).toBe(true);
    faulty.get(await homeOf(blocks[0]!))!.rules = [down];
    expect((await read(name!)).equals(after)).toBe(true);
  });

  it('what cannot be read is told once per tick, and made when it can be', async () => {
    const names = await stored(12);
    const home = await homeOf(await blockOf(names[0]!));
    faulty.get(home)!.rules = [{ ...down, operations: ['read'] }];
    spots = [hint(0, 1000)];
    const own = foresight();
    await expect(own.tick()).rejects.toThrow('partition-down');
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.length).toBeLessThan(names.length);
    expect(await all()).toEqual([]);
    faulty.get(home)!.rules = [];
    health.get(home)!.recovered();
    await own.tick();
    expect(await all()).toHaveLength(24);
  });

  it('whoever stops it waits for those that it is at, and no more', async () => {
    await stored(12);
    spots = [hint(0, 1000)];
    const own = foresight();
    onClaim = async () => own.stop();
    await own.tick();
    expect((await all()).length).toBeLessThan(12);
    expect((await all()).every(({ state }) => state === 'ready')).toBe(true);
  });
});

describe('a partition that will be asked for more than it can do', () => {
  it('has echoes of its hottest blocks before', async () => {
    const names = await stored(4);
    const [hot, warm, cold] = await Promise.all(names.map(blockOf));
    hottest = [hot!, warm!, cold!].map((block, at) => ({ block, area: bucket.id, heat: [90, 20, 1][at]! }));
    const home = await homeOf(hot!);
    const other = [...world.seats.keys()].find((id) => id !== home)!;
    const crossing = (where: string): PlacedSpot => ({ ...hint(300, 600), isDeclared: false, where: { home: where } });
    spots = [crossing(other)];
    await foresight().tick();
    expect(await all()).toEqual([]);
    spots = [crossing(home)];
    await foresight().tick();
    expect(new Set((await all()).map(({ block }) => block))).toEqual(new Set([hot, warm]));
  });
});
