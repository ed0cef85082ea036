// Declared jobs: known from the first run, and put right by the runs when the declaration was wrong.
import { expect, test } from 'vitest';
import type { Job } from '../../../src/forecast/jobs.ts';
import { levels, rowLoss } from '../../../src/forecast/levels.ts';
import { SeriesForecaster } from '../../../src/forecast/series-forecaster.ts';
import { chance, dailyLoad } from './made-series.ts';

const stepSec = 300;
const startSec = 1_700_000_100;
const bins = 1500;
const load = 150;

/** Half-hour runs of 1.5 × the mean about twice a day, at random. */
function bursts(seed: number): number[] {
  const random = chance(seed);
  const starts: number[] = [];
  for (let at = 700; at < bins - 20; at += 100 + Math.floor(random() * 100)) starts.push(at);
  return starts;
}

/** Loss over the origins whose target touches a run or the hour around it, per run. */
function losses(starts: readonly number[], declared: number | undefined): number[] {
  const values = dailyLoad(bins, stepSec, 8);
  for (const start of starts) for (let at = start; at < start + 6; at++) values[at] = values[at]! + load;
  const jobs: Job[] =
    declared === undefined
      ? []
      : [
          {
            name: 'burst',
            runs: starts.map((at) => ({ startSec: startSec + at * stepSec, durationSec: 1800, load: declared })),
          },
        ];
  const forecaster = new SeriesForecaster({ startSec, stepSec, horizons: [1], withTrees: false, jobs });
  const sums = starts.map(() => 0);
  for (let at = 0; at + 1 < bins; at++) {
    const [forecast] = forecaster.push(values[at]!);
    starts.forEach((start, run) => {
      if (at + 1 >= start - 12 && at + 1 < start + 18) sums[run] = sums[run]! + rowLoss(forecast!.row, values[at + 1]!);
    });
  }
  return sums;
}

const total = (list: readonly number[]): number => list.reduce((sum, each) => sum + each, 0);

test.each([1])('seed %i: a declared job is worth its declaration from the first run', (seed) => {
  const starts = bursts(seed);
  const without = losses(starts, undefined);
  const right = losses(starts, load);
  expect(right[0]!).toBeLessThan(0.8 * without[0]!);
  expect(total(right)).toBeLessThan(0.8 * total(without));
  expect(total(losses(starts, load / 2))).toBeLessThan(0.9 * total(without));
  const double = losses(starts, load * 2);
  expect(double[0]!).toBeLessThanOrEqual(without[0]!);
  expect(total(double.slice(2))).toBeLessThan(0.8 * total(without.slice(2)));
});

test('a job that never ends, or never runs, makes no forecast that is none', () => {
  const runs = [
    { startSec, durationSec: 1e12, load: 50 },
    { startSec: startSec + 1e5, durationSec: 60, load: 1e14 },
    { startSec: Number.NaN, durationSec: 60, load: 1 },
  ];
  const forecaster = new SeriesForecaster({
    startSec,
    stepSec,
    horizons: [12],
    withTrees: false,
    jobs: [{ name: 'odd', runs }],
  });
  for (const value of dailyLoad(900, stepSec)) {
    for (const { row } of forecaster.push(value)) {
      for (let at = 0; at < levels.length; at++) expect(row[at]!).toBeGreaterThanOrEqual(at === 0 ? 0 : row[at - 1]!);
      expect(Number.isFinite(row[levels.length - 1]!)).toBe(true);
    }
  }
});
