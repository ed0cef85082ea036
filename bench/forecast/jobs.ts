// Declared jobs on one trace: bursts are added to it, forecast without being declared, declared right, at half and at twice their size, and,
// as the best that any declaration could do, forecast as if the trace had no bursts at all.
import { type Job, SeriesForecaster } from '../../src/forecast/forecast.ts';
import { rowLoss } from '../../src/forecast/levels.ts';
import { chance } from '../../test/unit/forecast/made-series.ts';
import { stepSec } from './band-fleet.ts';

export const jobBins = 6;
/** Of the trace's mean. */
export const jobFactor = 1.5;
/** Origins whose target lies so near to a run are scored. */
const nearBins = 12;
/** The first run is not earlier. */
const firstPart = 0.4;
/** Between runs at least, and three times as long at most; and before the first one. */
const gapBins = 100;
/** Refits are an hour apart from so many bins before a scored origin on; where nothing is scored they are ten hours apart. */
const readyBins = 12;
const calmRefitBins = 120;
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
  const gap = (): number => gapBins + Math.floor(random() * 2 * gapBins);
  const starts: number[] = [];
  for (let at = Math.floor(trace.length * firstPart) + gap(); at < trace.length - 30; at += gap()) starts.push(at);
  const load = (jobFactor * sum(trace)) / trace.length;
  const burst = (at: number): boolean => starts.some((start) => at >= start && at < start + jobBins);
  const busy = trace.map((value, at) => (burst(at) ? value + load : value));
  const ready = readyAt(starts, Math.max(...horizons), trace.length);
  const near = (losses: readonly Float64Array[]): number[][] =>
    horizons.map((horizon, place) => starts.map((start) => sum(lossesNear(losses[place]!, start, horizon))));
  const none = near(lossesOf(busy, horizons, [], ready));
  const [right, half, twice] = [1, 0.5, 2].map((size) =>
    near(lossesOf(busy, horizons, [{ name: 'batch', runs: starts.map((at) => runAt(at, size * load)) }], ready)),
  );
  const calm = near(lossesOf(trace, horizons, [], ready));
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

const runAt = (bin: number, load: number) => ({
  startSec: startSec + bin * stepSec,
  durationSec: jobBins * stepSec,
  load,
});

/** Of the origins whose target lies near to a run. */
const lossesNear = (losses: Float64Array, start: number, horizon: number): Float64Array =>
  losses.subarray(Math.max(0, start - nearBins - horizon), start + jobBins + nearBins - 1);

/** 1: an origin that is scored, or soon will be. */
function readyAt(starts: readonly number[], horizonMax: number, length: number): Uint8Array {
  const ready = new Uint8Array(length);
  for (const start of starts)
    ready.fill(1, Math.max(0, start - nearBins - horizonMax - readyBins), start + jobBins + nearBins);
  return ready;
}

/** By horizon and origin, of the window means; 0 where the trace ends before the target does. */
function lossesOf(
  values: Float64Array,
  horizons: readonly number[],
  jobs: readonly Job[],
  ready: Uint8Array,
): Float64Array[] {
  const forecaster = new SeriesForecaster({ startSec, stepSec, horizons, withTrees: false, jobs });
  const losses = horizons.map(() => new Float64Array(values.length));
  for (let origin = 0; origin < values.length; origin++) {
    const mayRefit = ready[origin] === 1 || (origin + 1) % calmRefitBins === 0;
    const means = forecaster.push(values[origin]!, mayRefit).filter(({ target }) => target.kind === 'mean');
    for (const [place, horizon] of horizons.entries()) {
      if (origin + horizon >= values.length) continue;
      const actual = sum(values.subarray(origin + 1, origin + 1 + horizon)) / horizon;
      losses[place]![origin] = rowLoss(means[place]!.row, actual);
    }
  }
  return losses;
}

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((all, each) => all + each, 0);
