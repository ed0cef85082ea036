// Base series from samples as they come: gaps, doubles, long steps, nothing at all.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { baseSeries, measureSeries } from '../../../src/sim/base-series.ts';

const samplesOf = (values: readonly number[], stepSec: number) =>
  values.map((value, at) => ({ timeSec: 1_700_000_000 + at * stepSec, value }));
const wave = (count: number): number[] => Array.from({ length: count }, (_, at) => 10 + 5 * Math.sin(at / 20));

it('has mean 1, no gaps and 5 minutes per bin, whatever was measured', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.double({ min: 0.1, max: 1e6, noNaN: true }), fc.constant(Number.NaN)), {
        minLength: 200,
        maxLength: 600,
      }),
      fc.constantFrom(60, 300, 900),
      fc.constantFrom('sum', 'mean'),
      (values, stepSec, aggregate) => {
        fc.pre(values.filter((value) => value > 0).length > values.length / 2 && !Number.isNaN(values[0]!));
        const measured = measureSeries('s', samplesOf([...values, 1, 1, 1, 1, 1], stepSec), aggregate);
        const { minutes, bins, points } = baseSeries(measured, [
          Float32Array.from(measured.shown, () => measured.mean),
        ]);
        expect(minutes.length).toBe(bins.length * 5);
        expect(points[0]!.length).toBe(bins.length);
        expect(bins.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
        expect(minutes.reduce((sum, value) => sum + value, 0) / minutes.length).toBeCloseTo(1, 3);
        expect(points[0]![0]).toBeCloseTo(1, 5);
      },
    ),
    { numRuns: 100 },
  );
});

it('begins after four days, or a quarter of a short one', () => {
  expect(measureSeries('s', samplesOf(wave(20 * 288), 300), 'mean').usableFrom).toBe(4 * 288);
  expect(measureSeries('s', samplesOf(wave(400), 300), 'mean').usableFrom).toBe(100);
});

it('keeps minutes of what was measured by the minute, and bins are their means', () => {
  const values = wave(2000);
  const measured = measureSeries('s', samplesOf(values, 60), 'sum');
  const { minutes, bins } = baseSeries(measured, []);
  const from = measured.usableFrom * 5;
  expect(minutes[7]! * measured.mean).toBeCloseTo(values[from + 7]!, 3);
  expect(bins[1]).toBeCloseTo(minutes.slice(5, 10).reduce((sum, value) => sum + value, 0) / 5, 5);
});

it('interpolates gaps, says how many, and shows the forecaster none of it', () => {
  const samples = samplesOf(wave(1000), 300).filter((_, at) => at < 500 || at >= 520);
  const measured = measureSeries('s', samples, 'mean');
  expect(measured.notes.join()).toContain('20 of 1000 bins of 300 s are missing');
  expect(measured.shown.slice(499, 521).map(Number)).toEqual(
    Float64Array.from({ length: 22 }, (_, at) =>
      at === 0 || at === 21 ? measured.minutes[(499 + at) * 5]! : Number.NaN,
    ),
  );
  const [before, within, after] = [499, 510, 520].map((bin) => measured.minutes[bin * 5]!);
  expect(within).toBeGreaterThan(Math.min(before!, after!));
  expect(within).toBeLessThan(Math.max(before!, after!));
});

it('holds what is measured by the hour for its hour', () => {
  const measured = measureSeries('s', samplesOf([1, 3, 2, 4, 6, 5], 3600), 'mean');
  expect([...measured.shown.slice(0, 13)]).toEqual([...Array(12).fill(1), 3]);
  expect(measured.notes).toEqual([]);
  expect(measureSeries('s', samplesOf(wave(100), 420), 'mean').notes).toEqual([]);
});

it('takes a constant series, and times that stand there twice', () => {
  const twice = samplesOf(Array(300).fill(7), 300).flatMap((sample) => [sample, sample]);
  const measured = measureSeries('s', twice, 'mean');
  expect(baseSeries(measured, []).bins.every((value) => value === 1)).toBe(true);
  expect(measured.notes.join()).toContain('300 times stand there more than once');
});

it('refuses what asks for nothing, and what is too short', () => {
  expect(() => measureSeries('s', samplesOf(Array(300).fill(0), 300), 'mean')).toThrow('zero throughout');
  expect(() => measureSeries('s', samplesOf([1, 2, 3], 300), 'mean')).toThrow('3 bins of 5 minutes; at least 24');
});
