// Forecasts of base series: from the past alone, kept and found again, made anew when anything is different.
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { measureSeries } from '../../../src/sim/base-series.ts';
import { ForecastCache } from '../../../src/sim/forecast-cache.ts';
import { forecastSeries } from '../../../src/sim/forecast-series.ts';

const options = { trees: false, aheadBins: [1, 6] };
const seriesOf = (count: number) =>
  measureSeries(
    'wave',
    Array.from({ length: count }, (_, at) => ({ timeSec: at * 300, value: 20 + 10 * Math.sin((at * Math.PI) / 144) })),
    'mean',
  );
const whole = seriesOf(900);
const points = forecastSeries(whole, options, () => {});

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'echogate-sim-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('says what comes so many bins later, of the bin that is meant', () => {
  const errors = points.map((each, at) => {
    const ahead = options.aheadBins[at]!;
    const late = Array.from({ length: 200 }, (_, index) => 690 + index);
    return late.reduce((sum, bin) => sum + Math.abs(each[bin]! - whole.shown[bin + ahead]!), 0) / late.length;
  });
  expect(Math.max(...errors)).toBeLessThan(0.5);
});

it('knows nothing of what follows', () => {
  const cut = forecastSeries(seriesOf(600), options, () => {});
  cut.forEach((each, at) => {
    expect(each).toEqual(points[at]!.slice(0, 600));
  });
});

it('goes on through gaps with something finite', () => {
  const shown = whole.shown.slice(0, 400).fill(Number.NaN, 0, 20).fill(Number.NaN, 100, 200);
  for (const each of forecastSeries({ startSec: 0, shown }, options, () => {})) {
    expect(each.every(Number.isFinite)).toBe(true);
  }
});

it('is found again as it was kept', () => {
  const cache = new ForecastCache(folder);
  expect(cache.find(whole, options)).toBeUndefined();
  cache.keep(whole, options, points);
  expect(cache.find(whole, options)).toEqual(points);
});

it('is not taken for another series, other options or a whole file', () => {
  const cache = new ForecastCache(folder);
  cache.keep(whole, options, points);
  expect(
    cache.find({ ...whole, shown: whole.shown.map((value, at) => value + (at === 7 ? 1 : 0)) }, options),
  ).toBeUndefined();
  expect(cache.find(whole, { ...options, trees: true })).toBeUndefined();
  expect(cache.find(whole, { ...options, aheadBins: [1, 12] })).toBeUndefined();
  truncateSync(join(folder, readdirSync(folder)[0]!), 100);
  expect(cache.find(whole, options)).toBeUndefined();
});
