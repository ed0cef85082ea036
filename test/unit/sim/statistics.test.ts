// Medians, paired intervals, and what hours are worth.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { atEqualHours, gapClosed, median, pooledDifference, pooledRatio } from '../../../src/sim/statistics.ts';

const tens = Array.from({ length: 10 }, (_, at) => 100 + 10 * at);

it('has medians', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, Number.NaN]);
});

it('pairs seeds: what is half each time has a narrow interval however much seeds differ', () => {
  const row = { ours: tens.map((value) => value / 2), theirs: tens };
  const { value, low, high } = pooledRatio([row]);
  expect([value, low, high].map((each) => each.toFixed(6))).toEqual(['0.500000', '0.500000', '0.500000']);
  expect(pooledDifference([row]).high).toBeLessThan(0);
});

it('is unsure where seeds disagree', () => {
  const theirs = [...tens].reverse();
  const { low, high } = pooledRatio([{ ours: tens, theirs }]);
  expect(low).toBeLessThan(1);
  expect(high).toBeGreaterThan(1);
  const difference = pooledDifference([{ ours: tens, theirs }]);
  expect(difference.low).toBeLessThanOrEqual(0);
  expect(difference.high).toBeGreaterThanOrEqual(0);
});

it('says the same each time, and its value lies in its interval', () => {
  const figures = fc.array(fc.nat(1000), { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(figures, figures, (ours, theirs) => {
      const estimate = pooledDifference([{ ours, theirs }]);
      expect(pooledDifference([{ ours, theirs }])).toEqual(estimate);
      expect(estimate.low).toBeLessThanOrEqual(estimate.value);
      expect(estimate.high).toBeGreaterThanOrEqual(estimate.value);
    }),
    { numRuns: 10 },
  );
});

it('weighs rows by what is at stake', () => {
  const rows = [
    { ours: tens.map(() => 900), theirs: tens.map(() => 1000) },
    { ours: tens.map(() => 0), theirs: tens.map(() => 10) },
  ];
  expect(pooledRatio(rows).value).toBeCloseTo(900 / 1010, 9);
});

it('has no ratio to nothing, but nothing is as good as nothing', () => {
  const none = tens.map(() => 0);
  expect(pooledRatio([{ ours: none, theirs: none }]).value).toBe(1);
  expect(pooledRatio([{ ours: tens, theirs: none }]).value).toBe(Number.NaN);
  expect(pooledRatio([]).value).toBe(Number.NaN);
});

it('closes a gap by the part of it that is gone', () => {
  const row = { from: tens, to: tens.map((value) => value - 80), by: tens.map((value) => value - 60) };
  expect(gapClosed([row]).value).toBeCloseTo(0.75, 9);
  expect(gapClosed([{ ...row, to: tens }]).value).toBe(Number.NaN);
});

it('at equal hours: the fewest that one policy reaches at any of its prices, or between two of them', () => {
  const paid = (violatingMinutes: number, partitionHours: number) => ({ violatingMinutes, partitionHours });
  const dear = [paid(300, 1000), paid(100, 1040), paid(0, 1100)];
  expect(atEqualHours(dear, 1020)).toBe(200);
  expect(atEqualHours(dear, 1040)).toBe(100);
  expect(atEqualHours(dear, 1200)).toBe(0);
  // More hours than ours cost it nothing.
  expect(atEqualHours(dear, 900)).toBe(300);
  // Who pays more for no less is passed by.
  expect(atEqualHours([...dear, paid(400, 1010)], 1020)).toBe(200);
  expect(atEqualHours([paid(300, 1000)], 1200)).toBe(300);
});
