// Areas divided at the key that halves what is asked of them: their blocks go with their keys, and what nobody can divide is refused.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { armCrashPoints, type CrashPoint } from '../../../src/base/crash-points.ts';
import { Fault } from '../../../src/base/fault.ts';
import { keys, tag, textOf } from '../../../src/catalog/keys.ts';
import { decodeArea } from '../../../src/catalog/records/area.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { decodeUsage } from '../../../src/catalog/records/delta.ts';
import { decodeLineage } from '../../../src/catalog/records/lineage.ts';
import type { BinCounts } from '../../../src/telemetry/telemetry.ts';
import { bucketId, hurriedClock, openWorld, type Worker, type World } from '../objects-blocks/world.ts';
import { packsOf, rowsOf } from '../upkeep/pilot.ts';
import {
  actRows,
  blocksOn,
  isRight,
  makeBucket,
  move,
  openActs,
  put,
  putAll,
  type Stored,
  type TestActs,
  wrongIn,
} from './acts-world.ts';

let world: World;
let worker: Worker;
let tools: TestActs;

beforeEach(async () => {
  world = await openWorld({ clock: hurriedClock, partitions: ['p1', 'p2', 'p3'] });
  worker = await world.worker();
  await makeBucket(world, { partition: 'p1', weight: 1 });
  tools = await openActs(world);
});
afterEach(async () => {
  armCrashPoints(() => {});
  await world.close();
});

const divide = (home = 'p2', area = bucketId) =>
  tools.acts.carryOut({ kind: 'split-area', area, home, because: { text: 'on purpose' } });
const heat = ({ blocks }: Stored, degrees: number) =>
  tools.hottest.push({ block: blocks[0]!.id, area: bucketId, heat: degrees });
const areas = () => rowsOf(world, tag.area).map(({ key, value }) => ({ from: textOf(key, 1), ...decodeArea(value) }));
const areaOf = ({ blocks }: Stored) => decodeBlock(world.raw.get(keys.block(blocks[0]!.id))!.value).area;
const lineage = () => rowsOf(world, tag.lineage).map(({ value }) => decodeLineage(value).descents);

test('a pack that was all of one area is of two then', async () => {
  const stored = await putAll(worker, 10, 1000);
  await tools.acts.carryOut(move());
  await tools.acts.settled();
  const pure = () => packsOf(world).filter(({ areaPure }) => areaPure !== undefined).length;
  await expect.poll(pure).toBe(1);
  expect(await divide('p1')).toMatchObject({ outcome: 'done' });
  await tools.acts.settled();
  expect(pure()).toBe(0);
  expect(stored.map(areaOf).filter((id) => id === bucketId)).toHaveLength(5);
});

describe('an area', () => {
  test('is divided where its heat is, not where its bytes are', async () => {
    const stored = await putAll(worker, 20, 1000);
    await put(worker, 'a-big-one', 100_000);
    for (const [n, one] of stored.entries()) heat(one, n < 16 ? 1 : 16);
    expect(await divide()).toMatchObject({ outcome: 'done' });
    await tools.acts.settled();
    // 16 + 4 × 16 = 80, and its half within k017: 32 lie below that key, 48 in it and above.
    const [lower, upper] = areas();
    expect(lower).toMatchObject({ id: bucketId, from: '', homes: [{ partition: 'p1', weight: 1 }] });
    expect(upper).toMatchObject({ from: 'k017', homes: [{ partition: 'p2', weight: 1 }] });
    expect(lineage()).toEqual([
      [
        { area: upper!.id, from: bucketId, share: expect.closeTo(0.6, 5) },
        { area: bucketId, from: bucketId, share: expect.closeTo(0.4, 5) },
      ],
    ]);
    for (const [n, one] of stored.entries()) expect(areaOf(one)).toBe(n < 17 ? bucketId : upper!.id);
    expect(actRows(world)).toBe(0);
    await tools.pilot.folder.tick();
    expect(decodeUsage(world.raw.get(keys.usage('area', upper!.id))!.value).bytes).toBe(3 * 1000);
    expect(await wrongIn(world)).toEqual([]);
    // The upper half can be moved now, and it alone.
    expect(await tools.acts.carryOut(move({ area: upper!.id }))).toMatchObject({ outcome: 'begun' });
    await tools.acts.settled();
    expect(blocksOn(world, 'p2')).toHaveLength(3);
    for (const one of stored) expect(await isRight(worker, one)).toBe(true);
  });

  test('is divided by bytes as far as its demand is not that of hot blocks', async () => {
    const stored = await putAll(worker, 10, 1000);
    heat(stored[0]!, 1);
    const seconds = 10;
    const reads = 20 * seconds * (Math.LN2 / 60);
    const demand = [{ area: bucketId, partition: 'p1', readOps: reads, writeOps: 0, readBytes: 0, writeBytes: 0 }];
    tools.bins.push({ startSec: 0, seconds, demand, served: [] } satisfies BinCounts);
    expect(await divide()).toMatchObject({ outcome: 'done' });
    expect(areas()[1]!.from).toBe('k005');
    await tools.acts.settled();
  });

  test.each([
    ['one key', 1, /the key "k000" has 100 %/],
    ['nothing', 0, /no key of .* divides/],
  ])('of %s is refused', async (_, count, because) => {
    await putAll(worker, count, 1000);
    expect(await divide()).toMatchObject({ outcome: 'refused', because: expect.stringMatching(because) });
    expect(areas()).toHaveLength(1);
  });

  test('with a block that has more than half of it is refused', async () => {
    const stored = await putAll(worker, 10, 1000);
    for (const one of stored) heat(one, 1);
    heat(stored[4]!, 11);
    expect(await divide()).toMatchObject({ because: expect.stringMatching(/one block has 5\d %/) });
  });

  test('is divided once at a time, and not onto what takes nothing', async () => {
    await putAll(worker, 10, 1000);
    expect(await divide('p9')).toMatchObject({ because: 'there is no partition p9' });
    expect(await divide('p2', 'ab'.repeat(16))).toMatchObject({ outcome: 'refused' });
    const both = await Promise.all([divide(), divide('p3')]);
    expect(both.map(({ outcome }) => outcome).sort()).toEqual(['done', 'refused']);
    await tools.acts.settled();
    expect(areas()).toHaveLength(2);
  });
});

test('whatever the demand, both halves have a part of it that is worth it', async () => {
  const stored = await putAll(worker, 12, 100);
  const degrees = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 12, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(degrees, async (all) => {
      tools.hottest.splice(0);
      for (const [n, one] of stored.entries()) if (all[n]! > 0) heat(one, all[n]!);
      const area = rowsOf(world, tag.area)[0]!;
      const { outcome } = await divide();
      await tools.acts.settled();
      const sum = all.reduce((a, b) => a + b, 0);
      const [, upper] = areas();
      expect(upper === undefined).toBe(outcome === 'refused');
      if (sum > 0 && Math.max(...all) > sum / 2) expect(outcome).toBe('refused');
      if (upper === undefined) return;
      const at = stored.findIndex(({ key }) => key === upper.from);
      const above = all.slice(at).reduce((a, b) => a + b, 0);
      if (sum > 0) expect(Math.abs(above / sum - 0.5)).toBeLessThanOrEqual(Math.max(...all) / sum / 2 + 1e-9);
      // As it was, for the next one.
      const blocks = rowsOf(world, tag.block).map(
        ({ key, value }) => [key, { ...decodeBlock(value), area: bucketId }] as const,
      );
      const { encodeBlock } = await import('../../../src/catalog/records/block.ts');
      const writes = blocks.map(([key, row]) => [key, encodeBlock(row)] as const);
      await world.raw.commit({
        checks: [],
        writes: [...writes, [keys.area(bucketId, upper.from), undefined], [area.key, area.value]],
      });
    }),
    { numRuns: 25 },
  );
});

const points: readonly CrashPoint[] = [
  'division: divided, blocks not named',
  'division: some blocks named',
  'division: before its end',
];

test.each(points)('a pilot dies at "%s"', async (point) => {
  const stored = await putAll(worker, 520, 50);
  armCrashPoints((reach) => {
    if (reach === point) throw new Fault({ kind: 'session-fenced' });
  });
  await divide().catch(() => {});
  await tools.acts.settled();
  armCrashPoints(() => {});
  expect(actRows(world)).toBe(1);
  expect(areas()).toHaveLength(2);
  tools = await openActs(world);
  await tools.acts.resume();
  await tools.acts.settled();
  expect(actRows(world)).toBe(0);
  const [, upper] = areas();
  for (const one of stored) expect(areaOf(one)).toBe(one.key < upper!.from ? bucketId : upper!.id);
  await tools.pilot.folder.tick();
  expect(await wrongIn(world)).toEqual([]);
});
