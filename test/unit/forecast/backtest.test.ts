// A backtest is what production would have said: nothing in it knows what comes later.
import { expect, test } from 'vitest';
import { backtest } from '../../../src/forecast/backtest.ts';
import type { Scores } from '../../../src/forecast/scores.ts';
import { dailyLoad } from './made-series.ts';

const stepSec = 300;

function run(
  values: Float64Array,
  { horizon = 4, withTrees = false } = {},
): { said: Map<string, string>; scores: Scores[] } {
  const said = new Map<string, string>();
  const binned = { startSec: 1.7e9, stepSec, values, unusable: 0, doubled: 0 };
  const scores = backtest(
    binned,
    { horizon, withTrees, jobs: [] },
    {
      onForecast: ({ kind, originSec, row }) => void said.set(`${kind} ${originSec}`, row.join(' ')),
      onProgress: () => {},
    },
  );
  return { said, scores };
}

test('cutting off the future leaves every earlier forecast bit-identical', () => {
  const values = dailyLoad(900, stepSec);
  values[700] = Number.NaN;
  const whole = run(values, { withTrees: true }).said;
  const cut = run(values.slice(0, 800), { withTrees: true }).said;
  let same = 0;
  for (const [origin, row] of cut) {
    if (!whole.has(origin)) continue;
    expect(row).toBe(whole.get(origin));
    same++;
  }
  expect(same).toBeGreaterThan(300);
});

test('a daily cycle is forecast better than by anything simple, and as widely as it deserves', () => {
  const { scores } = run(dailyLoad(1700, stepSec));
  for (const score of scores) {
    expect(score.ratioToBestSimple).toBeLessThan(0.9);
    expect(score.insideQ05Q95).toBeGreaterThan(0.84);
    expect(score.insideQ05Q95).toBeLessThan(0.96);
    expect(score.n).toBe(1700 - 1190 - 3);
  }
});

test('one bin ahead the mean of the window is its last bin', () => {
  const [mean, last] = run(dailyLoad(500, stepSec), { horizon: 1 }).scores;
  expect({ ...mean, kind: 'last' }).toEqual(last);
});

test('too little to score is said', () => {
  expect(() => run(new Float64Array([1, 2]))).toThrow(/too few/);
});
