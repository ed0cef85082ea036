// Whatever comes in, what goes out is quantiles: in order, finite, not negative.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { levelCount } from '../../../src/forecast/levels.ts';
import { toBins } from '../../../src/forecast/series.ts';
import { SeriesForecaster } from '../../../src/forecast/series-forecaster.ts';
import { dailyLoad } from './made-series.ts';

const stepSec = 3600;

function forecastAll(values: Iterable<number>, step = stepSec, horizons = [1, 12]): void {
  const forecaster = new SeriesForecaster({ startSec: 1.7e9, stepSec: step, horizons, withTrees: true, jobs: [] });
  for (const value of values) {
    for (const { row, weights } of forecaster.push(value)) {
      let before = 0;
      for (let at = 0; at < levelCount; at++) {
        if (!(row[at]! >= before && row[at]! < Number.POSITIVE_INFINITY)) expect.fail(`${value} made ${row.join(' ')}`);
        before = row[at]!;
      }
      const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
      if (Math.abs(sum - 1) > 1e-9) expect.fail(`weights sum to ${sum}`);
    }
  }
}

const nasty = fc.oneof(
  { weight: 5, arbitrary: fc.double({ min: 0, max: 1000, noNaN: true }) },
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 1e9, 1e-12, 1e300, -5, Number.POSITIVE_INFINITY) },
);

test('any sequence of values', () => {
  fc.assert(
    fc.property(fc.array(nasty, { maxLength: 120 }), (values) => forecastAll(values)),
    { numRuns: 40, seed: 1, endOnFailure: true },
  );
});

test('any samples: unordered, doubled, with gaps and jumps of the clock', () => {
  const sample = fc.record({
    timeSec: fc.oneof(fc.integer({ min: 0, max: 400_000 }), fc.integer({ min: 0, max: 4_000_000 })),
    value: nasty,
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 60 }), (samples) => forecastAll(toBins(samples, stepSec, 'sum').values)),
    { numRuns: 20, seed: 1, endOnFailure: true },
  );
});

test.each<readonly [string, (value: number, at: number) => number]>([
  ['all zeros', () => 0],
  ['a constant', () => 7],
  ['one spike of 1e9', (value, at) => (at === 450 ? 1e9 : value)],
  ['a day of silence', (value, at) => (at > 450 && at < 480 ? Number.NaN : value)],
  ['idle, then busy', (value, at) => (at < 450 ? 0 : value * 1e6)],
  ['busy, then idle', (value, at) => (at < 450 ? value : 0)],
  ['all missing', () => Number.NaN],
])('days of %s', (_name, bend) => {
  forecastAll(dailyLoad(600, 600).map(bend), 600, [1]);
});

test('two points are enough for a forecast', () => {
  forecastAll([3, 4]);
});
