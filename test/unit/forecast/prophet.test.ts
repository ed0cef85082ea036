// The exact optimum against the published Prophet in WASM: with our optimiser plugged in, and with Stan's.
import { optimizer as stan } from '@bsull/augurs-prophet-wasmstan';
import { expect, test } from 'vitest';
import { augursProphet } from '../../../src/forecast/adapters/augurs-prophet.ts';
import { type FitProphet, fitProphet } from '../../../src/forecast/prophet.ts';
import { dailyLoad } from './made-series.ts';

const stepSec = 1800;
const startSec = 1_700_000_000;

/** Mean difference over the next four hours, in standard deviations of the noise. */
function difference(one: FitProphet, other: FitProphet, days: number, growth: 'flat' | 'linear'): number {
  const bins = days * 48;
  const values = dailyLoad(bins, stepSec, 3).map((value, at) => value * (1 + at / bins / 2));
  const times = Float64Array.from(values, (_, at) => startSec + at * stepSec);
  const options = { growth, changepoints: growth === 'flat' ? 0 : 25 } as const;
  const [a, b] = [one(times, values, options)!, other(times, values, options)!];
  let sum = 0;
  for (let at = 1; at <= 8; at++) {
    const timeSec = times[bins - 1]! + at * stepSec;
    sum += Math.abs(a.at(timeSec) - b.at(timeSec)) / b.sigma;
  }
  return sum / 8;
}

test('our design matrix is the model that augurs builds', () => {
  for (const growth of ['flat', 'linear'] as const) {
    expect(difference(fitProphet, augursProphet(stepSec), 15, growth)).toBeLessThan(0.001);
  }
});

test('our optimum is the one that Stan approaches, over windows of a week and more', () => {
  for (const days of [8, 15]) {
    for (const growth of ['flat', 'linear'] as const) {
      expect(difference(fitProphet, augursProphet(stepSec, stan), days, growth)).toBeLessThan(0.05);
    }
  }
});

test('what cannot be fitted is no fit, without an exception', () => {
  const options = { growth: 'flat', changepoints: 0 } as const;
  for (const prophet of [fitProphet, augursProphet(stepSec)]) {
    const times = Float64Array.from({ length: 300 }, (_, at) => startSec + at * stepSec);
    expect(prophet(times, new Float64Array(300), options)).toBeUndefined();
    expect(prophet(times.slice(0, 2), new Float64Array([1, 2]), options)).toBeUndefined();
    expect(prophet(new Float64Array(0), new Float64Array(0), options)).toBeUndefined();
  }
});
