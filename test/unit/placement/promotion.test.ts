// A ready echo at the target becomes the primary for no bytes; and wherever a pilot dies in a move, the next one brings it to its end.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { armCrashPoints, type CrashPoint } from '../../../src/base/crash-points.ts';
import { Fault } from '../../../src/base/fault.ts';
import { MiB } from '../../../src/base/units.ts';
import type { Change } from '../../../src/catalog/catalog.ts';
import { keys, tag } from '../../../src/catalog/keys.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { decodeUsage } from '../../../src/catalog/records/delta.ts';
import { decodePack } from '../../../src/catalog/records/pack.ts';
import { dropEcho } from '../../../src/echo/acts/drop-echo.ts';
import { claimEcho, type FillDeps, fillEcho } from '../../../src/echo/acts/fill-echo.ts';
import { type DropReason, EchoSweeper } from '../../../src/echo/acts/sweeper.ts';
import { CatalogEchoMap } from '../../../src/echo/adapters/catalog-echo-map.ts';
import type { Echo } from '../../../src/model/echo.ts';
import { packedBytes } from '../../../src/objects/packed-bytes.ts';
import { bucketId, hurriedClock, openWorld, type Worker, type World } from '../objects-blocks/world.ts';
import { collectUntil, packsOf, rowsOf, type TestPilot } from '../upkeep/pilot.ts';
import {
  actRows,
  blocksOn,
  homesOf,
  isRight,
  makeBucket,
  move,
  openActs,
  putAll,
  type Stored,
  wrongIn,
} from './acts-world.ts';

let world: World;
let worker: Worker;
let map: CatalogEchoMap;
let aheadMs: number;
const clock = {
  ...hurriedClock,
  monotonicMs: () => 50 * hurriedClock.monotonicMs(),
  steadyMs: () => hurriedClock.steadyMs() + aheadMs,
};

beforeEach(async () => {
  aheadMs = 0;
  world = await openWorld({ clock, partitions: ['p1', 'p2', 'p3'] });
  worker = await world.worker();
  map = new CatalogEchoMap(world.raw);
  await makeBucket(world, { partition: 'p1', weight: 1 });
});
afterEach(async () => {
  armCrashPoints(() => {});
  await world.close();
});

async function echoOf({ blocks, bytes }: Stored): Promise<Echo> {
  const partition = (id: string) => world.seats.get(id)?.partition;
  const { session, catalog, storage } = worker;
  const deps: FillDeps = { map, session, ledger: storage.ledger, clock, read: { catalog, partition } };
  const [{ id, length }] = blocks as [Stored['blocks'][0]];
  const claim = await claimEcho(deps, { block: id, partition: 'p2', length, isPinned: false });
  const row = decodeBlock(world.raw.get(keys.block(id))!.value);
  const echo = await fillEcho(deps, claim!, row, [bytes]);
  await expect.poll(() => decodePack(world.raw.get(keys.pack(echo.place!.pack))!.value).state).toBe('sealed');
  return echo;
}

const sweeper = ({ worker: { storage, session }, deps }: TestPilot, dropped: DropReason[]) =>
  new EchoSweeper({
    ...{ map, catalog: storage.catalog, keepsBytes: true, clock },
    commit: (change) => deps.control.commit(change),
    deltaKey: () => session.deltaKey(),
    heat: async () => new Map(),
    budgetBytes: async () => 1e9,
    onDropped: (_echo, because) => dropped.push(because),
  });

/** What nobody names goes after a while. */
async function sweep(pilot: TestPilot): Promise<DropReason[]> {
  const dropped: DropReason[] = [];
  const own = sweeper(pilot, dropped);
  await pilot.folder.tick();
  await own.tick();
  aheadMs += 130_000;
  await own.tick();
  return dropped;
}

/** Of blocks and echoes. */
const bytesOn = async (id: string): Promise<number> => {
  let sum = 0;
  for await (const { pack, bytes } of world.seats.get(id)!.partition.list())
    if (/blocks|echo/.test(packRow(pack).holds)) sum += bytes;
  return sum;
};
const packRow = (pack: string) => decodePack(world.raw.get(keys.pack(pack))!.value);

describe('a ready echo at the target', () => {
  test('is the primary, and nothing was written there', async () => {
    const stored = await putAll(worker, 4, 200_000);
    const echoes = [await echoOf(stored[0]!), await echoOf(stored[2]!)];
    const { acts, hottest, ends, pilot } = await openActs(world);
    // Others change what the map says of one meanwhile.
    pilot.worker.storage.blocks.roomy = async () => {
      const [echo] = await map.of(echoes[0]!.block);
      if (echo !== undefined) await map.change(echo, echo, { ...echo, keptUntilMs: (echo.keptUntilMs ?? 0) + 1 });
      return ['p2'];
    };
    hottest.push(...echoes.map(({ block }, n) => ({ block, area: bucketId, heat: 9 - n })));
    const before = await bytesOn('p2');
    await acts.carryOut(move({ isWhole: false, bytes: 300_000 }));
    await acts.settled();
    expect(ends).toMatchObject([{ isDone: true, bytesMoved: 400_000 }]);
    expect(await bytesOn('p2')).toBe(before);
    for (const { block, place } of echoes) {
      expect(decodeBlock(world.raw.get(keys.block(block))!.value)).toMatchObject({ partition: 'p2', ...place });
      expect(packRow(place!.pack)).toMatchObject({ holds: 'blocks', state: 'sealed', areaPure: bucketId });
    }
    expect(await map.page(undefined, 10)).toEqual([]);
    expect(await sweep(pilot)).toEqual([]);
    await pilot.packs.tick();
    for (const one of stored) expect(await isRight(worker, one)).toBe(true);
    expect(await wrongIn(world)).toEqual([]);
  });

  test('stays a block whatever the map says of it later', async () => {
    const [stored] = await putAll(worker, 1, 200_000);
    const echo = await echoOf(stored!);
    const before = await bytesOn('p2');
    const { acts, pilot } = await openActs(world);
    await acts.carryOut(move());
    await acts.settled();
    expect(await bytesOn('p2')).toBe(before);
    expect(homesOf(world)).toEqual([{ partition: 'p2', weight: 1 }]);
    // A map that was restored names it again.
    expect(await map.change(echo, undefined, echo)).toBe(true);
    expect(await sweep(pilot)).toEqual(['home-moved-here']);
    await pilot.folder.tick();
    const usage = decodeUsage(world.raw.get(keys.usage('pack', echo.place!.pack))!.value);
    expect(usage.bytes).toBe(packedBytes(200_000));
    await pilot.packs.tick();
    expect(packRow(echo.place!.pack).state).toBe('sealed');
    expect(await isRight(worker, stored!)).toBe(true);
    expect(await wrongIn(world)).toEqual([]);
  });

  test('that has rotted is not taken: the block is copied', async () => {
    const [stored] = await putAll(worker, 1, 200_000);
    const echo = await echoOf(stored!);
    const wrong: Echo = { ...echo, place: { ...echo.place!, offset: echo.place!.offset + 1 } };
    expect(await map.change(echo, echo, wrong)).toBe(true);
    const { acts, ends } = await openActs(world);
    await acts.carryOut(move());
    await acts.settled();
    expect(ends).toMatchObject([{ isDone: true }]);
    const { partition, pack } = decodeBlock(world.raw.get(keys.block(echo.block))!.value);
    expect(partition).toBe('p2');
    expect(pack).not.toBe(echo.place!.pack);
    expect(await isRight(worker, stored!)).toBe(true);
  });
});

test('echoes that are promoted while others drop them', async () => {
  const stored = await putAll(worker, 16, 60_000);
  const echoes: Echo[] = [];
  for (const one of stored) echoes.push(await echoOf(one));
  const { acts, ends, pilot } = await openActs(world);
  const { deps, worker: own } = pilot;
  const drop = {
    ...{ map, catalog: own.storage.catalog, deltaKey: () => own.session.deltaKey() },
    commit: (change: Change) => deps.control.commit(change),
  };
  let dropped = 0;
  let dropping: Promise<void> | undefined;
  const dropAll = async (): Promise<void> => {
    for (const echo of echoes.toReversed()) dropped += Number(await dropEcho(drop, echo));
    await sweeper(pilot, []).tick();
  };
  let reaches = 0;
  armCrashPoints((point) => {
    if (point === 'promotion: echo read back' && ++reaches === 4) dropping = dropAll();
  });
  await acts.carryOut(move());
  await acts.settled();
  await dropping;
  const isPromoted = ({ block, place }: Echo): boolean =>
    decodeBlock(world.raw.get(keys.block(block))!.value).pack === place!.pack;
  const promoted = echoes.filter(isPromoted).length;
  expect(promoted).toBeGreaterThanOrEqual(3);
  expect(dropped).toBe(16 - promoted);
  expect(dropped).toBeGreaterThan(0);
  expect(ends).toMatchObject([{ isDone: true, bytesMoved: 16 * 60_000 }]);
  await sweep(pilot);
  await collectUntil(pilot, () => packsOf(world, 'echo').every(({ state }) => state === 'reserved'));
  for (const one of stored) expect(await isRight(worker, one)).toBe(true);
  expect(await wrongIn(world)).toEqual([]);
});

const points: readonly (readonly [CrashPoint, number])[] = [
  ['move: journalled', 1],
  ['promotion: echo read back', 1],
  ['promotion: entry taken', 1],
  ['promotion: flipped', 1],
  ['moving: blocks copied', 2],
  ['moving: copy sealed', 1],
  ['moving: copy read back', 1],
  ['moving: flipped', 2],
  ['move: batch moved', 1],
  ['move: batch moved', 3],
  ['move: all moved, homes not', 1],
  ['move: homes follow', 1],
  ['move: before its end', 1],
];

test('a part of an area moves, no more and no less, though a pilot dies on the way', async () => {
  await putAll(worker, 12, 400_000);
  const first = await openActs(world, { bytesPerSec: () => 2 * MiB });
  let batches = 0;
  armCrashPoints((reach) => {
    if (reach === 'moving: flipped' && ++batches === 1) throw new Fault({ kind: 'session-fenced' });
  });
  await first.acts.carryOut(move({ isWhole: false, bytes: 7 * 400_000 }));
  await first.acts.settled();
  armCrashPoints(() => {});
  const before = blocksOn(world, 'p2').length;
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(7);
  const second = await openActs(world);
  await second.acts.resume();
  await second.acts.settled();
  expect(blocksOn(world, 'p2')).toHaveLength(7);
  expect(second.ends).toMatchObject([{ isDone: true, bytesMoved: 7 * 400_000 }]);
});

test.each(points)('a pilot dies at "%s" (reach %i)', async (point, nth) => {
  const stored = await putAll(worker, 12, 400_000);
  await echoOf(stored[5]!);
  const first = await openActs(world, { bytesPerSec: () => 2 * MiB });
  first.hottest.push({ block: stored[5]!.blocks[0]!.id, area: '', heat: 1 });
  let reaches = 0;
  armCrashPoints((reach) => {
    if (reach !== point || ++reaches !== nth) return;
    throw new Fault({ kind: 'session-fenced' });
  });
  await first.acts.carryOut(move({ bytes: 4_800_000 })).catch(() => {});
  await first.acts.settled();
  armCrashPoints(() => {});
  expect(reaches).toBeGreaterThanOrEqual(nth);
  expect(actRows(world)).toBe(1);
  const second = await openActs(world);
  await second.acts.resume();
  await second.acts.settled();
  expect(second.ends).toMatchObject([{ isDone: true, bytesMoved: 4_800_000 }]);
  expect([blocksOn(world, 'p1').length, blocksOn(world, 'p2').length]).toEqual([0, 12]);
  expect(homesOf(world)).toEqual([{ partition: 'p2', weight: 1 }]);
  for (const one of stored) expect(await isRight(worker, one)).toBe(true);
  await sweep(second.pilot);
  await worker.close();
  worker = await world.worker();
  await first.pilot.worker.close().catch(() => {});
  const isLive = ({ state }: { readonly state: string }) => state === 'sealed';
  await collectUntil(second.pilot, () =>
    packsOf(world)
      .filter(isLive)
      .every(({ partition }) => partition === 'p2'),
  );
  await collectUntil(
    second.pilot,
    () => packsOf(world, 'echo').filter(({ state }) => state !== 'reserved').length === 0,
  );
  expect(await wrongIn(world)).toEqual([]);
  expect(actRows(world)).toBe(0);
  expect(rowsOf(world, tag.echo)).toEqual([]);
  for (const one of stored) expect(await isRight(worker, one)).toBe(true);
});
