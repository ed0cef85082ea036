// Where an area's new blocks go is changed in one commit, or refused with its reason.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Home } from '../../../src/placement/placement.ts';
import { bucketId, hurriedClock, openWorld, type Worker, type World } from '../objects-blocks/world.ts';
import { blocksOn, homesOf, makeBucket, openActs, putAll, type TestActs } from './acts-world.ts';

let world: World;
let worker: Worker;
let online: Set<string>;
let tools: TestActs;

beforeEach(async () => {
  world = await openWorld({ clock: hurriedClock, partitions: ['p1', 'p2', 'p3'] });
  online = new Set(world.seats.keys());
  worker = await world.worker();
  await makeBucket(world, ...only('p1'));
  const seats = [...world.seats].map(([id, seat]) => [id, { ...seat, online: () => online.has(id) }] as const);
  tools = await openActs(world, { partitions: new Map(seats) });
});
afterEach(() => world.close());

const only = (partition: string): Home[] => [{ partition, weight: 1 }];
const reHome = (from: readonly Home[], to: readonly Home[], area = bucketId) =>
  tools.acts.carryOut({ kind: 're-home', area, from, to, because: { text: 'on purpose' } });

test('new blocks go to the new homes by their weights, at once', async () => {
  await putAll(worker, 5, 100);
  const to = [
    { partition: 'p2', weight: 3 },
    { partition: 'p3', weight: 1 },
  ];
  expect(await reHome(only('p1'), to)).toEqual({
    outcome: 'done',
    because: `new blocks of ${bucketId} go to p2 (75 %), p3 (25 %)`,
  });
  await sleep(30); // what workers believe of areas
  await putAll(worker, 40, 100, 'later');
  expect(blocksOn(world, 'p1')).toHaveLength(5);
  expect(Math.abs(blocksOn(world, 'p2').length - 30)).toBeLessThanOrEqual(1);
});

test('twice is once', async () => {
  expect(await reHome(only('p1'), only('p2'))).toMatchObject({ outcome: 'done' });
  expect(await reHome(only('p1'), only('p2'))).toMatchObject({
    outcome: 'done',
    because: expect.stringContaining('already'),
  });
  // The same shares in other numbers are the same homes.
  expect(await reHome([{ partition: 'p2', weight: 7 }], only('p3'))).toMatchObject({ outcome: 'done' });
  expect(homesOf(world)).toEqual(only('p3'));
});

test.each([
  ['a plan that is stale', only('p2'), only('p3'), /are p1, not p2: the plan is stale/],
  ['no home', only('p1'), [], /needs a home/],
  ['a partition that is not there', only('p1'), only('p9'), /no partition p9/],
  ['one that takes nothing', only('p1'), only('p3'), /p3 takes no new blocks/],
  ['a weight that is none', only('p1'), [{ partition: 'p2', weight: 0 }], /0 is no weight/],
  ['a weight that is no number', only('p1'), [{ partition: 'p2', weight: Number.NaN }], /NaN is no weight/],
  ['one home twice', only('p1'), [...only('p2'), ...only('p2')], /p2 is named twice/],
] as const)('%s is refused', async (what, from, to, because) => {
  if (what.startsWith('one that')) online.delete('p3');
  expect(await reHome(from, to)).toMatchObject({ outcome: 'refused', because: expect.stringMatching(because) });
  expect(homesOf(world)).toEqual(only('p1'));
});

test('an area that is not there is refused, and so is what is no matter of areas', async () => {
  expect(await reHome(only('p1'), only('p2'), 'ab'.repeat(16))).toMatchObject({ outcome: 'refused' });
  const because = { text: '' };
  expect(await tools.acts.carryOut({ kind: 'drain', partition: 'p1', because })).toMatchObject({ outcome: 'refused' });
});

test('a pilot that leads no more changes nothing', async () => {
  await openActs(world);
  await expect(reHome(only('p1'), only('p2'))).rejects.toThrow('session-fenced');
  expect(homesOf(world)).toEqual(only('p1'));
});
