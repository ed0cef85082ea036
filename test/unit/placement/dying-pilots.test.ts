// Wherever a pilot dies in a move, the next one brings it to its end, and nothing is left behind.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { armCrashPoints, type CrashPoint } from '../../../src/base/crash-points.ts';
import { Fault } from '../../../src/base/fault.ts';
import { MiB } from '../../../src/base/units.ts';
import { tag } from '../../../src/catalog/keys.ts';
import { openWorld, type Worker, type World } from '../objects-blocks/world.ts';
import { collectUntil, packsOf, rowsOf } from '../upkeep/pilot.ts';
import { actRows, blocksOn, homesOf, isRight, makeBucket, move, openActs, putAll, wrongIn } from './acts-world.ts';
import { clock, echoOf, sweep } from './echoes-there.ts';

let world: World;
let worker: Worker;

beforeEach(async () => {
  world = await openWorld({ clock, partitions: ['p1', 'p2', 'p3'] });
  worker = await world.worker();
  await makeBucket(world, { partition: 'p1', weight: 1 });
});
afterEach(async () => {
  armCrashPoints(() => {});
  await world.close();
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
  await echoOf(world, worker, stored[5]!);
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
