// How badly partitions want relief.
import { expect, it } from 'vitest';
import { Loads } from '../../../src/placement/loads.ts';
import { scoreFleet } from '../../../src/placement/score.ts';
import { type FleetSpec, viewOf } from './fleets.ts';

const spec: FleetSpec = {
  bounds: [100, 100],
  spread: 1,
  areas: [70, 30].map((reads, at) => ({ at, reads, writes: 0, becomes: [], bytes: 1 })),
};

it('is the load over what a partition can do, and how far that is from the best', () => {
  expect(scoreFleet(new Loads(viewOf(spec), undefined, 0, false))).toMatchObject([
    { partition: 'p1', pressure: 0.7, imbalance: expect.closeTo(0.2), flow: 'readOps' },
    { partition: 'p2', pressure: 0.3, imbalance: expect.closeTo(-0.2) },
  ]);
});

it('latency above what it should be is pressure too, and no imbalance', () => {
  const view = viewOf(spec);
  const partitions = view.partitions.map((each) => (each.id === 'p2' ? { ...each, latencyPressure: 1.5 } : each));
  expect(scoreFleet(new Loads({ ...view, partitions }, undefined, 0, false))).toMatchObject([
    { partition: 'p2', pressure: 1.5, imbalance: expect.closeTo(-0.2), flow: 'latency', inSec: 0 },
    { partition: 'p1', pressure: 0.7, imbalance: expect.closeTo(0.2) },
  ]);
});
