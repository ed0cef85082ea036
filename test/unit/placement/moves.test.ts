// Areas on their way from one partition to another: every read is right at every moment, whoever dies.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { MiB } from '../../../src/base/units.ts';
import { tag } from '../../../src/catalog/keys.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { releaseManifest } from '../../../src/objects/drop.ts';
import { bucketId, hurriedClock, openWorld, type Worker, type World } from '../objects-blocks/world.ts';
import { collectUntil, packsOf, rowsOf } from '../upkeep/pilot.ts';
import {
  actRows,
  blocksOn,
  homesOf,
  isRight,
  makeBucket,
  move,
  openActs,
  put,
  putAll,
  type Stored,
  wrongIn,
} from './acts-world.ts';

let world: World;
let worker: Worker;
afterEach(() => world.close());

async function open(clock: Clock = hurriedClock): Promise<void> {
  world = await openWorld({ clock, partitions: ['p1', 'p2', 'p3'] });
  worker = await world.worker();
  await makeBucket(world, { partition: 'p1', weight: 1 });
}

test('a whole area moves while it is read, written and deleted, and its homes follow', async () => {
  await open();
  const stored = await putAll(worker, 60, 100_000);
  const { acts, ends, pilot } = await openActs(world);
  expect(blocksOn(world, 'p1')).toHaveLength(60);
  let isReading = true;
  let reads = 0;
  const readOn = async (): Promise<void> => {
    for (; isReading; reads += 1) expect(await isRight(worker, stored[reads % 50]!)).toBe(true);
  };
  let reader = readOn();
  expect(await acts.carryOut(move({ bytes: 6e6 }))).toMatchObject({ outcome: 'begun' });
  expect(actRows(world)).toBe(1);
  const late = await putAll(worker, 5, 50_000);
  for (const [at, { blocks }] of stored.slice(50, 55).entries()) {
    const manifest = `${at}`.padStart(32, '0');
    await worker.catalog.commit(await releaseManifest(world.raw, { manifest, blocks }, world.clock.wallMs()));
  }
  await acts.settled();
  expect(ends).toMatchObject([{ isDone: true, area: bucketId, from: 'p1', to: 'p2' }]);
  expect(blocksOn(world, 'p1')).toEqual([]);
  expect(homesOf(world)).toEqual([{ partition: 'p2', weight: 1 }]);
  expect(actRows(world)).toBe(0);
  await sleep(30); // what workers believe of areas
  await put(worker, 'later', 1000);
  expect(blocksOn(world, 'p1')).toEqual([]);
  // The source's packs go, and reads go on.
  const onP1 = () => packsOf(world).filter(({ partition, state }) => partition === 'p1' && state !== 'reserved');
  isReading = false;
  await reader;
  await worker.close();
  worker = await world.worker();
  isReading = true;
  reader = readOn();
  await collectUntil(pilot, () => onP1().length === 0 && rowsOf(world, tag.block).length === 61);
  isReading = false;
  await reader;
  expect(reads).toBeGreaterThan(0);
  for (const one of [...stored.slice(0, 50), ...late]) expect(await isRight(worker, one)).toBe(true);
  expect(packsOf(world).filter(({ areaPure }) => areaPure === bucketId).length).toBeGreaterThan(0);
});

test('a pilot that dies in the middle is followed by one that goes on', async () => {
  await open();
  const stored = await putAll(worker, 40, 250_000);
  let isHeld = true;
  const isPaused = () => isHeld && blocksOn(world, 'p2').length > 0;
  const first = await openActs(world, { bytesPerSec: () => 1 * MiB, isPaused });
  expect(await first.acts.carryOut(move({ bytes: 1e7 }))).toMatchObject({ outcome: 'begun' });
  while (!isPaused()) await sleep(5);
  const moved = blocksOn(world, 'p2').length;
  expect(moved).toBeGreaterThan(0);
  expect(moved).toBeLessThan(40);
  // Another one takes the lease; the first one cannot commit any more, however late it wakes up.
  const second = await openActs(world);
  isHeld = false;
  await first.acts.settled();
  expect(first.ends).toEqual([]);
  expect(blocksOn(world, 'p2')).toHaveLength(moved);
  expect(actRows(world)).toBe(1);
  await second.acts.resume();
  expect(second.acts.underWay()).toMatchObject([{ kind: 'move', area: bucketId, from: 'p1', to: 'p2' }]);
  await second.acts.settled();
  expect(second.ends).toMatchObject([{ isDone: true, bytesMoved: 40 * 250_000 }]);
  expect(blocksOn(world, 'p2')).toHaveLength(40);
  for (const one of stored) expect(await isRight(worker, one)).toBe(true);
  await worker.close();
  worker = await world.worker();
  await collectUntil(second.pilot, () =>
    packsOf(world).every((pack) => pack.partition !== 'p1' || pack.state === 'reserved'),
  );
  expect(await wrongIn(world)).toEqual([]);
  expect(actRows(world)).toBe(0);
});

test('the hottest blocks are flipped first, and no more than was asked for', async () => {
  await open();
  const stored = await putAll(worker, 20, 300_000);
  const { acts, ends, hottest } = await openActs(world);
  const hot = [7, 3, 15, 11].map((n) => stored[n]!.blocks[0]!.id);
  hottest.push(...hot.map((block, n) => ({ block, area: bucketId, heat: 100 - n })));
  const flips = recordFlips(world);
  await acts.carryOut(move({ isWhole: false, bytes: 6 * 300_000 }));
  const [underWay] = acts.underWay();
  expect(underWay).toMatchObject({ kind: 'move', readShareLeft: 1 });
  await acts.settled();
  expect(flips.slice(0, 4)).toEqual(hot);
  expect(flips).toHaveLength(6);
  expect(ends).toMatchObject([{ isDone: true, bytesMoved: 6 * 300_000 }]);
  expect(homesOf(world)).toEqual([{ partition: 'p1', weight: 1 }]);
});

test('compaction and collection beside it', async () => {
  let aheadMs = 0;
  await open({ ...hurriedClock, wallMs: () => hurriedClock.wallMs() + aheadMs });
  const stored: Stored[] = [];
  for (let n = 0; n < 18; n++) {
    stored.push(...(await putAll(worker, 4, 20_000, `k${n}-`)));
    await worker.close(); // a small pack of its own
    worker = await world.worker();
  }
  const { acts, ends, pilot } = await openActs(world, { bytesPerSec: () => 2 * MiB });
  await pilot.folder.tick();
  aheadMs = 60_000;
  await acts.carryOut(move({ bytes: 18 * 80_000 }));
  await Promise.all([pilot.compactor.tick(), pilot.collector.tick(), pilot.packs.tick()]);
  await acts.settled();
  expect(ends).toMatchObject([{ isDone: true }]);
  expect(blocksOn(world, 'p1')).toEqual([]);
  for (const one of stored) expect(await isRight(worker, one)).toBe(true);
  await pilot.folder.tick();
  expect(await wrongIn(world)).toEqual([]);
});

/** Block ids in the order in which their rows came to name p2. */
function recordFlips({ raw }: World): string[] {
  const flips: string[] = [];
  const commit = raw.commit.bind(raw);
  raw.commit = async (change) => {
    const result = await commit(change);
    for (const [key, value] of change.writes)
      if (result === 'done' && key[0] === tag.block && value && decodeBlock(value).partition === 'p2')
        flips.push(key.toString('hex', 1));
    return result;
  };
  return flips;
}
