// Where reads go when partitions are busy, as planners foresee it.
import { expect, it } from 'vitest';
import { Loads } from '../../../src/placement/loads.ts';
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
