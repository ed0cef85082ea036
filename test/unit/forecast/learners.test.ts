// Both learners find the quantiles of data whose quantiles are known: noise that grows with one feature.
import { expect, test } from 'vitest';
import { BoostedQuantiles } from '../../../src/forecast/boosted-quantiles.ts';
import { featureCount } from '../../../src/forecast/features.ts';
import { levelCount, levels } from '../../../src/forecast/levels.ts';
import { LinearQuantiles } from '../../../src/forecast/linear-quantiles.ts';
import { SortedWindow } from '../../../src/forecast/sorted-window.ts';
import { chance, normal } from './made-series.ts';

function made(rows: number, seed: number) {
  const random = chance(seed);
  const features = new Float32Array(rows * featureCount).map(() => random() * 2 - 1);
  const target = Float64Array.from({ length: rows }, (_, row) => {
    const [a, b] = [features[row * featureCount]!, features[row * featureCount + 1]!];
    return 2 * a - b + (1 + 0.5 * a) * normal(random);
  });
  return { features, target, slots: Int32Array.from({ length: rows }, (_, row) => row) };
}

/** Share of unseen targets at or below each level, and the mean pinball loss of the median. */
function judged(predict: (features: Float32Array, row: Float64Array) => void) {
  const { features, target } = made(3000, 2);
  const row = new Float64Array(levelCount);
  const below = new Float64Array(levelCount);
  let loss = 0;
  for (let at = 0; at < target.length; at++) {
    predict(features.subarray(at * featureCount, (at + 1) * featureCount), row);
    for (let level = 0; level < levelCount; level++) {
      if (level > 0) expect(row[level]!).toBeGreaterThanOrEqual(row[level - 1]!);
      if (target[at]! <= row[level]!) below[level] = below[level]! + 1;
    }
    loss += Math.abs(target[at]! - row[6]!);
  }
  return { below: below.map((count) => count / target.length), loss: loss / target.length };
}

test('linear quantile regression is calibrated and near the truth', () => {
  const { features, target, slots } = made(2000, 1);
  const model = new LinearQuantiles();
  model.fit(features, target, slots);
  const { below, loss } = judged((row, into) => model.predict(row, into));
  levels.forEach((level, at) => void expect(Math.abs(below[at]! - level)).toBeLessThan(0.045));
  expect(loss).toBeLessThan(0.86); // 0.80 is the noise itself
});

test('boosted trees are calibrated and near the truth', () => {
  const { features, target, slots } = made(2000, 1);
  const model = BoostedQuantiles.fit(features, target, slots, 20);
  const { below, loss } = judged((row, into) => model.predict(row, into));
  levels.forEach((level, at) => void expect(Math.abs(below[at]! - level)).toBeLessThan(0.06));
  expect(loss).toBeLessThan(0.95);
});

test('a refit of the same rows moves nothing far, and nothing depends on chance', () => {
  const { features, target, slots } = made(800, 5);
  const [one, other] = [new LinearQuantiles(), new LinearQuantiles()];
  const [a, b] = [new Float64Array(levelCount), new Float64Array(levelCount)];
  for (const model of [one, other]) model.fit(features, target, slots);
  one.predict(features.subarray(0, featureCount), a);
  other.predict(features.subarray(0, featureCount), b);
  expect(a).toEqual(b);
  other.fit(features, target, slots);
  other.predict(features.subarray(0, featureCount), b);
  a.forEach((value, at) => void expect(Math.abs(value - b[at]!)).toBeLessThan(0.1));
});

test('a sorted window keeps the newest numbers and their quantiles', () => {
  const window = new SortedWindow(100);
  const random = chance(9);
  const all = Array.from({ length: 500 }, () => Math.floor(random() * 50));
  for (const value of all) window.add(value);
  const newest = all.slice(-100).sort((a, b) => a - b);
  expect(window.quantile(0)).toBe(newest[0]);
  expect(window.quantile(1)).toBe(newest[99]);
  expect(window.quantile(0.5)).toBeCloseTo((newest[49]! + newest[50]!) / 2);
});
