// What bounds a move and what ends it before its time: partitions that are full, busy or away, a rate, an operator's pause, other moves.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { MiB } from '../../../src/base/units.ts';
import type { PartitionStat } from '../../../src/partition/partition.ts';
import { type FaultRule, FaultyPartition } from '../../../src/partition/wrappers/faulty-partition.ts';
import { bucketId, hurriedClock, openWorld, type Worker, type World } from '../objects-blocks/world.ts';
import {
  actRows,
  blocksOn,
  homesOf,
  isRight,
  makeArea,
  makeBucket,
  move,
  openActs,
  putAll,
  type Stored,
  wrongIn,
} from './acts-world.ts';

let world: World;
let worker: Worker;
const faulty = new Map<string, FaultyPartition>();
let free: Map<string, number>;
afterEach(() => world.close());

/** Fifty times as fast. */
const clock: Clock = { ...hurriedClock, monotonicMs: () => 50 * hurriedClock.monotonicMs() };

async function open(count: number, size: number): Promise<Stored[]> {
  free = new Map();
  world = await openWorld({
    clock,
    partitions: ['p1', 'p2', 'p3'],
    reserveBytes: 1000,
    wrap: (partition) => {
      const made = new FaultyPartition(partition, { random: seededRandom('limits'), clock });
      const stat = made.stat.bind(made);
      made.stat = async (): Promise<PartitionStat> => ({ ...(await stat()), ...freeOn(partition.id) });
      faulty.set(partition.id, made);
      return made;
    },
  });
  worker = await world.worker();
  await makeBucket(world, { partition: 'p1', weight: 1 });
  return await putAll(worker, count, size);
}
const freeOn = (id: string) => (free.has(id) ? { freeBytes: free.get(id)! } : {});
const rule = (fault: FaultRule['fault'], ...operations: NonNullable<FaultRule['operations']>): FaultRule => ({
  ...(fault && { fault }),
  operations,
});
const down = (partition: string) => ({ kind: 'partition-down', partition, message: 'on purpose' }) as const;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(2);
}

test('a target that fills up ends the move; what is there stays there, and nothing is lost', async () => {
  const stored = await open(20, 300_000);
  const { acts, ends, pilot } = await openActs(world, { bytesPerSec: () => 1 * MiB });
  await acts.carryOut(move({ bytes: 6e6 }));
  await until(() => blocksOn(world, 'p2').length > 3);
  free.set('p2', 0);
  await acts.settled();
  expect(ends).toMatchObject([{ isDone: false, because: 'p2 has no room' }]);
  const moved = blocksOn(world, 'p2').length;
  expect(moved).toBeLessThan(20);
  expect(ends[0]!.bytesMoved).toBe(moved * 300_000);
  expect(homesOf(world)).toEqual([{ partition: 'p1', weight: 1 }]);
  expect(actRows(world)).toBe(0);
  for (const one of stored) expect(await isRight(worker, one)).toBe(true);
  expect(await acts.carryOut(move())).toEqual({ outcome: 'refused', because: 'p2 has no room' });
  await pilot.folder.tick();
  expect(await wrongIn(world)).toEqual([]);
});

test.each([
  ['a full disk', 'p2', { kind: 'partition-full', partition: 'p2' } as const, 'p2 has no room'],
  ['a target that dies', 'p2', down('p2'), 'p2 is down: on purpose'],
  ['a source that dies', 'p1', down('p1'), 'p1 is down: on purpose'],
  [
    'a target that is busy for good',
    'p2',
    { kind: 'partition-busy', partition: 'p2' } as const,
    'p2 is busy, and stays so',
  ],
])('%s ends it', async (_, id, fault, because) => {
  const stored = await open(12, 300_000);
  const { acts, ends } = await openActs(world, { bytesPerSec: () => 1 * MiB });
  await acts.carryOut(move({ bytes: 6e6 }));
  await until(() => blocksOn(world, 'p2').length > 0);
  faulty.get(id)!.rules = [id === 'p1' ? rule(fault, 'read') : rule(fault, 'open', 'flush', 'seal')];
  await acts.settled();
  faulty.get(id)!.rules = [];
  expect(ends).toMatchObject([{ isDone: false, because }]);
  expect(actRows(world)).toBe(0);
  for (const one of stored) expect(await isRight(worker, one)).toBe(true);
  // When it is back the next plan carries on.
  expect(await acts.carryOut(move())).toMatchObject({ outcome: 'begun' });
  await acts.settled();
  expect(blocksOn(world, 'p1')).toEqual([]);
});

test('a source that is busy for a moment is asked again', async () => {
  await open(6, 300_000);
  const { acts, ends } = await openActs(world);
  faulty.get('p1')!.rules = [rule({ kind: 'partition-busy', partition: 'p1' }, 'read')];
  await acts.carryOut(move());
  await sleep(60);
  faulty.get('p1')!.rules = [];
  await acts.settled();
  expect(ends).toMatchObject([{ isDone: true, bytesMoved: 6 * 300_000 }]);
});

test('it waits while it is paused, and says so', async () => {
  await open(20, 300_000);
  let isPaused = false;
  const { acts, ends } = await openActs(world, { bytesPerSec: () => 1 * MiB, isPaused: () => isPaused });
  await acts.carryOut(move({ bytes: 6e6 }));
  await until(() => blocksOn(world, 'p2').length > 0);
  isPaused = true;
  await sleep(100); // the batch that was on its way
  const held = blocksOn(world, 'p2').length;
  await sleep(200);
  expect(blocksOn(world, 'p2')).toHaveLength(held);
  const [progress] = acts.progress();
  expect(progress).toMatchObject({ isPaused: true, area: bucketId, bytesMoved: held * 300_000 });
  expect(progress!.bytesLeft).toBe((20 - held) * 300_000);
  isPaused = false;
  await acts.settled();
  expect(ends).toMatchObject([{ isDone: true, bytesMoved: 6e6 }]);
});

test('no more than two moves out of one partition, and no more bytes than may be in flight', async () => {
  await open(8, 300_000);
  const others = ['a1', 'a2'].map((id) => id.repeat(16));
  for (const id of others) await makeArea(world, id, 'p1');
  const options = { isPaused: () => true, bytesInFlightMax: async () => 5e6 };
  const { acts } = await openActs(world, options);
  const because = async (more: Parameters<typeof move>[0]) => (await acts.carryOut(move(more))).because;
  expect(await because({ startInSec: 30 })).toContain('30 s');
  expect(await because({ to: 'p1' })).toContain('both p1');
  expect(await because({ to: 'p9' })).toBe('there is no partition p9');
  expect(await because({ area: 'ab'.repeat(16) })).toContain('no area');
  expect(await because({ bytes: 0, isWhole: false })).toContain('cannot be moved');
  expect(await acts.carryOut(move({ bytes: 4e6 }))).toMatchObject({ outcome: 'begun' });
  expect(await because({})).toContain('already');
  expect(await because({ from: 'p2', to: 'p1' })).toContain('would come back');
  const [second = '', third = ''] = others;
  expect(await because({ area: second, bytes: 2e6 })).toMatch(/under way.*may be at once/);
  expect(await acts.carryOut(move({ area: second, bytes: 1e5 }))).toMatchObject({ outcome: 'begun' });
  expect(await because({ area: third, bytes: 1e5 })).toContain('2 moves out of p1');
  expect(acts.underWay()).toHaveLength(2);
  expect(await acts.carryOut({ kind: 'split-area', area: bucketId, home: 'p2', because: { text: '' } })).toMatchObject({
    outcome: 'refused',
  });
  await acts.stop();
  // Paused before their first look: whoever leads next goes on with both.
  expect(actRows(world)).toBe(2);
  expect(await because({ from: 'p2' })).toContain('stopping');
});

test('a whole move keeps to its rate', async () => {
  await open(16, 500_000);
  let nowMs = 0;
  const virtual: Clock = {
    ...clock,
    monotonicMs: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
  };
  const { acts } = await openActs(world, { clock: virtual, bytesPerSec: () => 2 * MiB });
  await acts.carryOut(move({ bytes: 8e6 }));
  await acts.settled();
  // Eight million bytes at two MiB a second, but for the last batch, which nobody waits for.
  const perByteMs = 1000 / (2 * MiB);
  expect(nowMs).toBeGreaterThanOrEqual((8e6 - 2 * MiB) * perByteMs);
  expect(nowMs).toBeLessThanOrEqual(8e6 * perByteMs);
});
