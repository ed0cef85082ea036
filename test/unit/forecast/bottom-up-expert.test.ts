// What areas say of a partition: their sum, as far off as that sum was.
import { expect, it } from 'vitest';
import { BottomUpExpert } from '../../../src/forecast/bottom-up-expert.ts';
import { levelCount } from '../../../src/forecast/levels.ts';
import { Origin } from '../../../src/forecast/origin.ts';
import { at } from './made-fleet.ts';

const bins = 100;

function said(name: 'areas' | 'areas-scaled', errorOf: (index: number) => number, scale = 2) {
  const state = { errorOf };
  const summed = { point: () => 50, actual: (index: number) => 50 + state.errorOf(index), scale: () => scale };
  const expert = new BottomUpExpert(name, summed, bins);
  const origin = new Origin(1);
  const rowAt = (index: number, now = scale): Float64Array => {
    origin.index = index;
    origin.scale = now;
    const row = new Float64Array(levelCount);
    expert.forecast(origin, row);
    return row;
  };
  for (let index = 0; index < bins; index++) {
    rowAt(index);
    expert.learn(origin);
  }
  return { expert, state, rowAt };
}

it('has the errors of the last bins around it, however they lie', () => {
  const { rowAt } = said('areas', (index) => (index % 10 === 0 ? 30 : -1));
  const row = rowAt(bins);
  expect(at(row, 0.5)).toBe(49);
  expect(at(row, 0.05)).toBe(49);
  expect(at(row, 0.95)).toBe(80);
});

it('in scales follows how much the partition moves now', () => {
  const { rowAt } = said('areas-scaled', (index) => (index % 11) - 5);
  const width = (row: Float64Array): number => at(row, 0.95) - at(row, 0.05);
  expect(width(rowAt(bins, 4))).toBeCloseTo(2 * width(rowAt(bins, 2)));
});

it('has the errors that it would have had when areas have moved', () => {
  const { expert, state, rowAt } = said('areas', () => 5);
  state.errorOf = (index) => (index < 20 ? Number.NaN : -5);
  expert.rewrite(0, bins - 1);
  expect(new Set(rowAt(bins))).toEqual(new Set([45]));
});
