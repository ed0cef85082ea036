// Samples become bins: what is missing is NaN, and cutting off the end changes nothing before it.
import { expect, test } from 'vitest';
import { toBins } from '../../../src/forecast/series.ts';

const minutes = (values: readonly number[], from = 0) =>
  values.map((value, at) => ({ timeSec: from + at * 60, value }));

test('sums and means per bin; the last bin counts only when it is whole', () => {
  const samples = minutes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect([...toBins(samples, 300, 'sum').values]).toEqual([15, 40]);
  expect([...toBins(samples, 300, 'mean').values]).toEqual([3, 8]);
});

test('order does not matter, doubled times are averaged, nonsense is missing', () => {
  const samples = [
    ...minutes([1, 2, 3, 4, 5]),
    { timeSec: 60, value: 4 },
    { timeSec: 120, value: Number.NaN },
    { timeSec: 0, value: -1 },
  ];
  const binned = toBins(samples.reverse(), 300, 'sum');
  expect([...binned.values]).toEqual([16]);
  expect(binned).toMatchObject({ unusable: 2, doubled: 1 });
});

test('a gap is missing, never zero; part of a bin stands for the whole', () => {
  const samples = [...minutes([1, 1, 1, 1, 1, 1, 1, 1]), ...minutes([1, 1, 1, 1, 1], 1200)];
  expect([...toBins(samples, 300, 'sum').values]).toEqual([5, 5, Number.NaN, Number.NaN, 5]);
});

test('a clock that jumped by centuries is refused', () => {
  expect(() => toBins([...minutes([1, 2, 3]), { timeSec: 4e9, value: 1 }], 1, 'mean')).toThrow(/bins/);
});
