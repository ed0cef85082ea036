// Between the targets, and the greatest of all steps: as it runs on from step to step, so the maximum is.
import { describe, expect, it } from 'vitest';
import { type FanSource, fanOf, maxRow, probAbove } from '../../../src/forecast/fan.ts';
import { levels, normalAt } from '../../../src/forecast/levels.ts';
import { lastOf, meanOf } from '../../../src/forecast/origin.ts';
import { at } from './made-fleet.ts';
import { chance, normal } from './made-series.ts';

const stepSec = 3600;
const horizon = 6;
const row = (centre: number, spread: number): Float64Array => normalAt.map((deviation) => centre + spread * deviation);

/** Points of 100; `values` lie around them. */
function source(values: Float64Array, first = row(100, 10), last = row(100, 10)): FanSource {
  return {
    newestBin: values.length - 1,
    firstBin: 0,
    answer: [
      { target: meanOf(1), row: first, weights: {} },
      { target: meanOf(horizon), row: row(100, 5), weights: {} },
      { target: lastOf(horizon), row: last, weights: {} },
    ],
    valueAt: (bin) => values[bin]!,
    pointAt: () => 100,
  };
}

const random = chance(3);
const apart = Float64Array.from({ length: 400 }, () => 100 + 10 * normal(random));
/** Each error lasts for longer than the horizon. */
const together = Float64Array.from({ length: 400 }, (_, bin) => 100 + 10 * Math.sin(1 + Math.floor(bin / 60)));

describe('a fan', () => {
  it('ends in the targets, and widens between them', () => {
    const { steps } = fanOf(source(apart, row(100, 4), row(130, 12)), horizon, stepSec);
    expect(Array.from(steps[0]!)).toEqual(Array.from(row(100, 4)));
    steps.at(-1)!.forEach((value, each) => {
      expect(value).toBeCloseTo(row(130, 12)[each]!);
    });
    for (let step = 1; step < horizon; step++) {
      const width = (each: number): number => at(steps[each]!, 0.95) - at(steps[each]!, 0.05);
      expect(width(step)).toBeGreaterThan(width(step - 1));
      expect(at(steps[step]!, 0.5)).toBeGreaterThan(at(steps[step - 1]!, 0.5));
    }
  });

  it('has a greatest step like any one of them where errors last, and a greater one where they do not', () => {
    const lasting = maxRow(fanOf(source(together), horizon, stepSec), horizon);
    const passing = maxRow(fanOf(source(apart), horizon, stepSec), horizon);
    const one = row(100, 10);
    expect(at(lasting, 0.5) - at(one, 0.5)).toBeLessThan(4);
    // The median of the greatest of six normal numbers lies 1.23 deviations up.
    expect(at(passing, 0.5)).toBeGreaterThan(110);
    expect(at(passing, 0.5)).toBeLessThan(115);
    passing.forEach((value, each) => {
      expect(value).toBeGreaterThanOrEqual(one[each]!);
    });
  });

  it('without a past takes all steps as one moment', () => {
    const { steps, ...rest } = fanOf(source(apart.slice(0, 10)), horizon, stepSec);
    maxRow({ steps, ...rest }, horizon).forEach((value, each) => {
      expect(value).toBeCloseTo(row(100, 10)[each]!);
    });
  });
});

it('a probability is read between the levels and never beyond them', () => {
  const quantiles = row(100, 10);
  expect(probAbove(quantiles, at(quantiles, 0.8))).toBeCloseTo(0.2);
  expect(probAbove(quantiles, 100)).toBeCloseTo(0.5);
  expect(probAbove(quantiles, 0)).toBeGreaterThan(1 - levels[0]);
  expect(probAbove(quantiles, 1000)).toBeLessThan(levels[0]);
  expect(probAbove(new Float64Array(levels.length).fill(5), 5)).toBeLessThan(levels[0]);
});
