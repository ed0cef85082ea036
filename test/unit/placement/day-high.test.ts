// What is remembered of the busiest hour of the last day.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { noFlows } from '../../../src/model/load.ts';
import { dayHigh, type HourSeen, hoursSeen } from '../../../src/placement/day-high.ts';
import type { View } from '../../../src/placement/placement.ts';
import { steady, viewOf } from './fleets.ts';

const asked = (reads: number, nowSec: number): View =>
  viewOf({ nowSec, bounds: [100], spread: 1, areas: [{ at: 0, reads, writes: 0, becomes: steady, bytes: 1 }] });

const seenAll = (ticks: readonly (readonly [minute: number, reads: number])[]): readonly HourSeen[] =>
  ticks.reduce<readonly HourSeen[]>((hours, [minute, reads]) => hoursSeen(hours, asked(reads, minute * 60)), []);

it('is the mean of its busiest hour, for a day', () => {
  const minutes = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 2000 });
  fc.assert(
    fc.property(minutes, (reads) => {
      const now = reads.length - 1;
      const means = new Map<number, number[]>();
      reads.forEach((each, minute) => {
        const hour = Math.floor(minute / 60);
        means.set(hour, [...(means.get(hour) ?? []), each]);
      });
      const ofDay = [...means].filter(([hour]) => hour >= Math.floor(now / 60) - 24).map(([, some]) => some);
      const wanted = Math.max(...ofDay.map((some) => some.reduce((sum, each) => sum + each, 0) / some.length));
      expect(dayHigh(seenAll(reads.map((each, minute) => [minute, each]))).readOps).toBeCloseTo(wanted, 6);
    }),
    { numRuns: 20 },
  );
});

it('forgets hours that lie ahead of a clock that was set back, and keeps no more than a day of them', () => {
  expect(
    dayHigh(
      seenAll([
        [6000, 90],
        [60, 10],
      ]),
    ).readOps,
  ).toBe(10);
  expect(seenAll(Array.from({ length: 5000 }, (_, minute) => [minute, 1])).length).toBeLessThanOrEqual(25);
  expect(dayHigh([])).toEqual(noFlows);
});
