// Weights follow what experts were worth, widths what quantiles promised.
import { expect, test } from 'vitest';
import { levelCount, levels, median, normalAt } from '../../../src/forecast/levels.ts';
import { Mixture } from '../../../src/forecast/mixture.ts';
import { WidthControl } from '../../../src/forecast/width-control.ts';
import { chance, normal } from './made-series.ts';

/** Rows of a good expert (right spread around 100) and one that is off by `off`. */
function rowsOf(off: number): Float64Array {
  const rows = new Float64Array(2 * levelCount);
  for (let at = 0; at < levelCount; at++) {
    rows[at] = 100 + normalAt[at]!;
    rows[levelCount + at] = 100 + off + normalAt[at]!;
  }
  return rows;
}

test('the better expert gets the weight, and gives it back within hours', () => {
  const mixture = new Mixture(2, 300);
  const ready = new Uint8Array([1, 1]);
  const row = new Float64Array(levelCount);
  const random = chance(4);
  const day = (rows: Float64Array): void => {
    for (let at = 0; at < 288; at++) {
      mixture.mix(rows, ready, row);
      mixture.learn(rows, ready, row, 100 + normal(random), 1e9);
    }
  };
  day(rowsOf(3));
  expect(mixture.weights[0]).toBeGreaterThan(0.95);
  const swapped = new Float64Array([...rowsOf(3).subarray(levelCount), ...rowsOf(3).subarray(0, levelCount)]);
  day(swapped);
  expect(mixture.weights[1]).toBeGreaterThan(0.9);
});

test('an expert without an opinion has no weight, and one is enough', () => {
  const mixture = new Mixture(2, 300);
  const row = new Float64Array(levelCount);
  mixture.mix(rowsOf(3), new Uint8Array([0, 1]), row);
  expect([...mixture.weights]).toEqual([0, 1]);
  expect(row[median]).toBe(103);
});

test('widths grow and shrink until each level keeps its promise', () => {
  for (const truth of [0.3, 3]) {
    const control = new WidthControl(1);
    const random = chance(6);
    const row = new Float64Array(levelCount);
    const below = new Float64Array(levelCount);
    const runs = 6000;
    for (let at = 0; at < runs; at++) {
      for (let level = 0; level < levelCount; level++) row[level] = 100 + normalAt[level]!;
      control.widen(row, 1);
      const actual = 100 + truth * normal(random);
      control.learn(row, actual);
      if (at >= runs / 3)
        for (let level = 0; level < levelCount; level++) if (actual <= row[level]!) below[level] = below[level]! + 1;
    }
    levels.forEach((level, at) => void expect(Math.abs(below[at]! / (runs * (2 / 3)) - level)).toBeLessThan(0.02));
  }
});
