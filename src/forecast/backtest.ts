// Runs the forecaster over a series as it would have run in production, bin by bin from the first, and scores the last 30 %.
// Nothing depends on where the series ends: cutting off its future leaves every earlier forecast as it was.
import { Baselines } from './baselines.ts';
import { History } from './history.ts';
import type { Job } from './jobs.ts';
import { levelCount } from './levels.ts';
import { lastOf, meanOf } from './origin.ts';
import { type FitProphet, fitProphet } from './prophet.ts';
import { ProphetAlone } from './prophet-alone.ts';
import { ScoreKeeper, type Scores } from './scores.ts';
import type { Binned } from './series.ts';
import { SeriesForecaster, windowActual } from './series-forecaster.ts';

const unscoredShare = 0.7;

export interface BacktestOptions {
  /** Bins ahead. */
  readonly horizon: number;
  readonly withTrees: boolean;
  readonly jobs: readonly Job[];
  /** What "Prophet alone" is fitted by. */
  readonly prophet?: FitProphet;
}

/** One forecast of the scored part; `row` is valid during the call only. */
export interface Forecasted {
  readonly kind: 'mean' | 'last';
  readonly originSec: number;
  readonly targetStartSec: number;
  readonly targetEndSec: number;
  /** NaN where most of the target was not measured. */
  readonly actual: number;
  readonly row: Float64Array;
  readonly weights: Readonly<Record<string, number>>;
}

export interface BacktestWatcher {
  onForecast(forecasted: Forecasted): void;
  /** Bins done, of so many. */
  onProgress(done: number, of: number): void;
}

/** Scores per kind, `mean` then `last`. Throws RangeError when there is nothing to score. */
export function backtest(
  binned: Binned,
  { horizon, withTrees, jobs, prophet: prophetModel = fitProphet }: BacktestOptions,
  watcher: BacktestWatcher,
): Scores[] {
  const { values, startSec, stepSec } = binned;
  const firstScored = Math.floor(values.length * unscoredShare);
  if (values.length - firstScored < horizon || firstScored < 1) {
    throw new RangeError(`${values.length} bins are too few to score a forecast of ${horizon}`);
  }
  const forecaster = new SeriesForecaster({ startSec, stepSec, horizons: [horizon], withTrees, jobs });
  // With the load of jobs: what the others forecast, and what comes true.
  const history = new History(startSec, stepSec);
  const prophet = new ProphetAlone(history, prophetModel);
  const kinds = (['mean', 'last'] as const).map((kind) => {
    const target = kind === 'mean' ? meanOf(horizon) : lastOf(horizon);
    return {
      kind,
      target,
      baselines: new Baselines(target, history),
      prophetRow: new Float64Array(levelCount),
      keeper: new ScoreKeeper(),
    };
  });
  for (let index = 0; index < values.length; index++) {
    const forecasts = forecaster.push(values[index]!);
    history.push(values[index]!);
    for (const { target, baselines } of kinds) {
      baselines.step(windowActual(history, Math.max(0, index - target.to + target.from), index));
    }
    if (index % 500 === 0) watcher.onProgress(index, values.length);
    if (index + 1 < firstScored || index + horizon >= values.length || !Number.isFinite(values[index]!)) continue;
    for (const { kind, target, baselines, prophetRow, keeper } of kinds) {
      const said = forecasts.find((each) => each.target.kind === kind) ?? forecasts[0]!;
      const actual = actualOf(values, index + target.from, index + target.to);
      watcher.onForecast({
        kind,
        originSec: history.timeSec(index),
        targetStartSec: history.timeSec(index + target.from),
        targetEndSec: history.timeSec(index + target.to),
        actual,
        row: said.row,
        weights: said.weights,
      });
      if (!Number.isFinite(actual)) continue;
      prophet.write(target, prophetRow);
      keeper.add([said.row, ...baselines.rows, prophetRow], actual);
    }
  }
  watcher.onProgress(values.length, values.length);
  const naiveError = meanChange(values.subarray(0, firstScored));
  return kinds.map(({ kind, keeper }) => keeper.scores(kind, naiveError));
}

/** Mean of the measured bins; NaN when less than half of them were. */
function actualOf(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  let count = 0;
  for (let index = from; index <= to; index++) {
    if (!Number.isFinite(values[index]!)) continue;
    sum += values[index]!;
    count++;
  }
  return count > 0 && count * 2 >= to - from + 1 ? sum / count : Number.NaN;
}

function meanChange(values: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (let index = 1; index < values.length; index++) {
    const change = Math.abs(values[index]! - values[index - 1]!);
    if (!Number.isFinite(change)) continue;
    sum += change;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
