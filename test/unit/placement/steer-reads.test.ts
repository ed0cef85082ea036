// Where reads go when partitions are busy, as planners foresee it.
import { expect, it } from 'vitest';
import { Loads } from '../../../src/placement/loads.ts';
import { steerReads } from '../../../src/placement/steer-reads.ts';
import { type FleetSpec, viewOf } from './fleets.ts';

const area = (at: number, reads: number) => ({ at, reads, writes: 1, becomes: [], bytes: 2 ** 20 });

it('a busy holder of echoes keeps what its own echoes take off', () => {
  const spec: FleetSpec = { bounds: [100, 100, 100], spread: 1, areas: [area(0, 98), area(1, 90), area(2, 20)] };
  const echoed = new Map([
    ['p1', { reads: 0.5, holders: new Map([['p3', 0.5]]) }],
    // Its echoes lie on p1 and p3; p1 has no room for them.
    ['p2', { reads: 0.5, holders: new Map(['p1', 'p3'].map((id) => [id, 0.25])) }],
  ]);
  const loads = new Loads({ ...viewOf(spec), echoed }, undefined, 0, true);
  expect([0, 1, 2].map((place) => loads.high(place, 'readOps', 0))).toEqual([75, 75, expect.any(Number)]);
  expect(loads.high(2, 'readOps', 0)).toBeGreaterThan(20);
});

it('nobody who is calm is eased', () => {
  const spec: FleetSpec = { bounds: [100, 100], spread: 1, areas: [area(0, 70), area(1, 20)] };
  const echoed = new Map([['p1', { reads: 1, holders: new Map([['p2', 1]]) }]]);
  const loads = new Loads({ ...viewOf(spec), echoed }, undefined, 0, true);
  expect(loads.high(0, 'readOps', 0)).toBe(70);
  expect(loads.high(1, 'readOps', 0)).toBe(20);
});

it('who stands first in the list gives no more than who stands last', () => {
  // Two are too busy and have echoes on the same two others: all come to the same level, in whatever order they stand.
  const holders = (...to: number[]) => ({ reads: 1, holders: to.map((each) => ({ to: each, share: 0.9 })) });
  const bounds = [100, 100, 100, 100];
  const links = [holders(2, 3), holders(2, 3), undefined, undefined];
  const after = steerReads([150, 130, 50, 50], bounds, links);
  for (const reads of after) expect(reads).toBeCloseTo(95, 0);
  expect(after.reduce((sum, each) => sum + each, 0)).toBeCloseTo(380, 6);
});
