// A partition whose areas come and go learns as if they had always lain where they lie now.
import { expect, it } from 'vitest';
import { AreaSeries } from '../../../src/forecast/area-series.ts';
import { FleetHabits } from '../../../src/forecast/fleet-habits.ts';
import { lastOf, meanOf } from '../../../src/forecast/origin.ts';
import { PartitionSeries } from '../../../src/forecast/partition-series.ts';
import { at, dailyAreas, startSec, stepSec } from './made-fleet.ts';

const horizons = [1, 4];
const targets = [meanOf(1), meanOf(4), lastOf(4)];
const bins = 12 * 24;
const loads: Record<string, Float64Array> = {
  ...dailyAreas(['a', 'b', 'c'], bins + 10, { noise: 5 }),
  big: dailyAreas(['x'], bins + 10, { level: 300, noise: 5 }).x!,
};
const firstBin = startSec / stepSec;

function grown(moves: (bin: number) => boolean): PartitionSeries {
  const habits = new FleetHabits(stepSec, targets);
  const areas = new Map(
    Object.keys(loads).map((area) => [
      area,
      new AreaSeries({ area, flow: 'readOps', firstBin, stepSec, horizons, withTrees: false, habits }),
    ]),
  );
  const partsAt = (bin: number) =>
    [...areas].filter(([area]) => area !== 'big' || !moves(bin)).map(([, series]) => ({ series, share: 1 }));
  const partition = new PartitionSeries({ firstBin, stepSec, horizons, withAreas: true }, [], firstBin - 1);
  for (let bin = 0; bin < bins; bin++) {
    for (const [area, series] of areas) series.push(loads[area]![bin]!);
    partition.push(partsAt(bin));
    if (bin % 6 !== 0) continue;
    for (const { forecaster } of [partition, ...areas.values()]) forecaster.refitCurve();
  }
  return partition;
}

it('neither level nor width nor weights remember that an area was away', () => {
  const still = grown(() => false);
  // The greatest of four areas is away for six bins of every twelve, and here in the end.
  const moving = grown((bin) => Math.floor((bins - 1 - bin) / 6) % 2 === 1);
  still.answer.forEach(({ row }, target) => {
    const other = moving.answer[target]!.row;
    expect(at(other, 0.5) / at(row, 0.5)).toBeCloseTo(1, 2);
    const width = (of: Float64Array): number => at(of, 0.95) - at(of, 0.05);
    expect(width(other) / width(row)).toBeGreaterThan(0.75);
    expect(width(other) / width(row)).toBeLessThan(1.3);
  });
  for (let bin = moving.newestBin; bin > moving.newestBin - 100; bin--) {
    expect(moving.valueAt(bin)).toBeCloseTo(still.valueAt(bin));
    expect(moving.pointAt(1, bin)).toBeCloseTo(still.pointAt(1, bin), 1);
  }
});

it('a past that begins later than its areas is as long as it may be', () => {
  const habits = new FleetHabits(stepSec, targets);
  const series = new AreaSeries({ area: 'a', flow: 'readOps', firstBin, stepSec, horizons, withTrees: false, habits });
  series.replay(loads.a!.slice(0, 200), 120);
  const parts = [{ series, share: 0.5 }];
  const partition = new PartitionSeries(
    { firstBin: firstBin + 50, stepSec, horizons, withAreas: true },
    parts,
    firstBin + 199,
  );
  expect(partition.valueAt(firstBin + 60)).toBeCloseTo(loads.a![60]! / 2);
  expect(partition.valueAt(firstBin + 40)).toBe(0);
  expect(partition.answer[0]!.weights.areas).toBeGreaterThan(0);
  expect(at(partition.answer[0]!.row, 0.5)).toBeGreaterThan(0);
});
