// Declared jobs on one trace: bursts are added to it, forecast without being declared, declared right, at half and at twice their size, and,
// as the best that any declaration could do, forecast as if the trace had no bursts at all.
import { SeriesForecaster } from '../../src/forecast/forecast.ts';
import { rowLoss } from '../../src/forecast/levels.ts';
import { chance } from '../../test/unit/forecast/made-series.ts';
import { stepSec } from './band-fleet.ts';

export const jobBins = 6;
/** Of the trace's mean. */
export const jobFactor = 1.5;
/** Origins whose target lies so near to a run are scored. */
const nearBins = 12;
/** The first run is not earlier; then one each 100 to 300 bins. */
const firstPart = 0.4;
const startSec = 1_699_920_000;

export interface JobScore {
  readonly horizon: number;
  readonly runs: number;
  /** Of the loss without a declaration. */
  readonly right: number;
  readonly rightFirst: number;
  readonly half: number;
  readonly twiceFirst: number;
  readonly twiceFromThird: number;
  readonly best: number;
}

/** `trace`: in bins of five minutes, without gaps. */
export function measureJobs(trace: Float64Array, horizons: readonly number[], seed: number): JobScore[] {
  const random = chance(seed);
  const starts: number[] = [];
  for (let at = Math.floor(trace.length * firstPart); at < trace.length - 30; at += 100 + Math.floor(random() * 200))
    starts.push(at);
  const load = (jobFactor * trace.reduce((sum, value) => sum + value, 0)) / trace.length;
  const burst = (at: number): boolean => starts.some((start) => at >= start && at < start + jobBins);
  const busy = trace.map((value, at) => (burst(at) ? value + load : value));
  const losses = (values: Float64Array, declaredLoad: number): number[][] =>
    lossesNear(values, { starts, horizons, declaredLoad });
  const none = losses(busy, 0);
  const [right, half, twice] = [1, 0.5, 2].map((size) => losses(busy, size * load));
  const calm = losses(trace, 0);
  return horizons.map((horizon, place) => {
    const ratio = (of: readonly number[][] | undefined, from = 0, to = starts.length): number =>
      sum(of![place]!.slice(from, to)) / sum(none[place]!.slice(from, to));
    return {
      horizon,
      runs: starts.length,
      right: ratio(right),
      rightFirst: ratio(right, 0, 1),
      half: ratio(half),
      twiceFirst: ratio(twice, 0, 1),
      twiceFromThird: ratio(twice, 2),
      best: ratio(calm),
    };
  });
}

interface Near {
  readonly starts: readonly number[];
  readonly horizons: readonly number[];
  /** 0: not declared. */
  readonly declaredLoad: number;
}

/** By horizon and run, of the window means. */
function lossesNear(values: Float64Array, { starts, horizons, declaredLoad }: Near): number[][] {
  const runs = starts.map((at) => ({
    startSec: startSec + at * stepSec,
    durationSec: jobBins * stepSec,
    load: declaredLoad,
  }));
  const jobs = declaredLoad === 0 ? [] : [{ name: 'batch', runs }];
  const forecaster = new SeriesForecaster({ startSec, stepSec, horizons, withTrees: false, jobs });
  const losses = horizons.map(() => starts.map(() => 0));
  for (let origin = 0; origin < values.length; origin++) {
    const means = forecaster.push(values[origin]!).filter(({ target }) => target.kind === 'mean');
    for (const [place, horizon] of horizons.entries()) {
      if (origin + horizon >= values.length) continue;
      const near = starts.findIndex(
        (start) => origin + horizon >= start - nearBins && origin + 1 < start + jobBins + nearBins,
      );
      if (near < 0) continue;
      const actual = sum(values.subarray(origin + 1, origin + 1 + horizon)) / horizon;
      losses[place]![near]! += rowLoss(means[place]!.row, actual);
    }
  }
  return losses;
}

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((all, each) => all + each, 0);
