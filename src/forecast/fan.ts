// From a few targets to a fan: quantiles of each step between the targets that are forecast directly, and of the greatest of all steps, which
// needs to know how errors run on from step to step. That is taken from the paths of errors of the last days, each step's errors put in the
// place of the quantiles said of it now (the Schaake shuffle: Clark and others 2004).

import { addBrought } from './add-brought.ts';
import { residualBins } from './area-series.ts';
import { levelCount, levels, median, tidy } from './levels.ts';
import type { Target } from './origin.ts';
import type { Brought, Effect } from './prior.ts';
import type { TargetForecast } from './series-forecaster.ts';
import { sortedQuantile } from './sorted-window.ts';

/** A series with what was said of it: an area's, or a partition's. Bins are counted from 1970. */
export interface FanSource {
  readonly newestBin: number;
  readonly firstBin: number;
  readonly answer: readonly (Pick<TargetForecast, 'target' | 'row'> & Partial<TargetForecast>)[];
  valueAt(bin: number): number;
  /** Without anything declared, as `valueAt` is. */
  pointAt(target: number, bin: number): number;
  /** What is declared of the bins `from` … `to` ahead; undefined: nothing. */
  bring?(from: number, to: number, effects?: Effect[]): Brought | undefined;
}

export interface Fan {
  /** A row of quantiles per step. */
  readonly steps: readonly Float64Array[];
  /** Of each past path the greatest value it would lead to, per step the greatest so far: paths × steps; NaN where a path is not known. */
  readonly maxima: Float64Array;
  readonly paths: number;
}

const pathsMax = 480;
const pathsMin = 30;

interface Anchor {
  readonly place: number;
  readonly target: Target;
  readonly row: Float64Array;
}

/** The fan of the next `horizon` bins. `stepSec` says how far back paths go; all sources with the same newest bin have the same paths. */
export function fanOf(source: FanSource, horizon: number, stepSec: number): Fan {
  const anchors = anchorsOf(source);
  const steps = Array.from({ length: horizon }, (_, at) => {
    const row = stepRow(anchors, at + 1);
    const brought = source.bring?.(at + 1, at + 1);
    if (brought !== undefined) addBrought(row, brought);
    return row;
  });
  const stride = Math.max(1, Math.floor(residualBins(stepSec) / pathsMax));
  const paths = Math.floor((residualBins(stepSec) - horizon - 1) / stride);
  const maxima = new Float64Array(Math.max(0, paths) * horizon).fill(Number.NaN);
  const errors = new Float64Array(Math.max(0, paths));
  for (let step = 1; step <= horizon; step++) {
    const between = placeOf(anchors, step);
    for (let path = 0; path < paths; path++) {
      const origin = source.newestBin - horizon - path * stride;
      const point = (anchor: Anchor): number => source.pointAt(anchor.place, origin);
      errors[path] =
        origin < source.firstBin
          ? Number.NaN
          : source.valueAt(origin + step) -
            (1 - between.part) * point(between.low) -
            between.part * point(between.high);
    }
    follow(errors, steps[step - 1]!, maxima, step - 1, horizon);
  }
  return { steps, maxima, paths: Math.max(0, paths) };
}

/** The middle of each of the next `horizon` bins, as a fan has it, at a small part of its cost. */
export function middleOf(source: FanSource, horizon: number): Float64Array {
  const anchors = anchorsOf(source);
  return Float64Array.from({ length: horizon }, (_, at) => {
    const { low, high, part } = placeOf(anchors, at + 1);
    const middle = (1 - part) * low.row[median]! + part * high.row[median]!;
    return Math.max(0, middle + (source.bring?.(at + 1, at + 1)?.load ?? 0));
  });
}

/** Quantiles of the greatest of the first `horizon` steps. */
export function maxRow({ steps, maxima, paths }: Fan, horizon: number): Float64Array {
  const sorted = new Float64Array(paths);
  let count = 0;
  for (let path = 0; path < paths; path++) {
    const value = maxima[path * steps.length + horizon - 1]!;
    if (!Number.isNaN(value)) sorted[count++] = value;
  }
  const row = new Float64Array(levelCount);
  if (count < pathsMin) {
    // As if one moment decided all steps.
    for (let at = 0; at < levelCount; at++) {
      for (let step = 0; step < horizon; step++) row[at] = Math.max(row[at]!, steps[step]![at]!);
    }
    return row;
  }
  sorted.subarray(0, count).sort();
  for (let at = 0; at < levelCount; at++) {
    row[at] = sortedQuantile(sorted, count, levels[at]!);
    // No maximum is below a step of it.
    for (let step = 0; step < horizon; step++) row[at] = Math.max(row[at]!, steps[step]![at]!);
  }
  tidy(row, 0);
  return row;
}

/** Probability of more than `bound`, read off a row of quantiles; beyond its ends it counts as the end's level. */
export function probAbove(row: ArrayLike<number>, bound: number): number {
  if (row[0]! > bound) return 1 - levels[0] / 2;
  for (let at = levelCount - 1; at >= 0; at--) {
    if (row[at]! > bound) continue;
    if (at === levelCount - 1) return (1 - levels[at]!) / 2;
    const part = (bound - row[at]!) / (row[at + 1]! - row[at]!);
    return 1 - (levels[at]! + part * (levels[at + 1]! - levels[at]!));
  }
  return 1 - levels[0] / 2;
}

const anchorsOf = ({ answer }: FanSource): Anchor[] =>
  answer
    .map(({ target, row, plain = row }, place): Anchor => ({ place, target, row: plain }))
    .filter(({ target }) => target.from === target.to)
    .sort((a, b) => a.target.to - b.target.to);

interface Place {
  readonly low: Anchor;
  readonly high: Anchor;
  /** How far a step is on the way from low to high. */
  readonly part: number;
}

function placeOf(anchors: readonly Anchor[], step: number): Place {
  const high = anchors.find(({ target }) => target.to >= step) ?? anchors.at(-1)!;
  const low = anchors.findLast(({ target }) => target.to <= step) ?? high;
  const distance = high.target.to - low.target.to;
  return { low, high, part: distance > 0 ? (step - low.target.to) / distance : 0 };
}

/** Medians run straight between two targets, distances from them with the root of the steps, as the errors of a random walk do. */
function stepRow(anchors: readonly Anchor[], step: number): Float64Array {
  const { low, high, part } = placeOf(anchors, step);
  const [from, to] = [Math.sqrt(low.target.to), Math.sqrt(high.target.to)];
  const wide = to > from ? (Math.sqrt(step) - from) / (to - from) : 0;
  const [below, above] = [low.row[median]!, high.row[median]!];
  const centre = (1 - part) * below + part * above;
  const row = new Float64Array(levelCount);
  for (let at = 0; at < levelCount; at++) {
    row[at] = centre + (1 - wide) * (low.row[at]! - below) + wide * (high.row[at]! - above);
  }
  tidy(row, centre);
  return row;
}

/** Each path's error has a rank among those of its step: the quantile of that rank is where the path would lead now. */
function follow(errors: Float64Array, row: Float64Array, maxima: Float64Array, step: number, steps: number): void {
  const sorted = errors.filter((error) => Number.isFinite(error)).sort();
  // Beyond the highest level errors go on as they did, stretched as the row is, for as far again at most.
  const tailFrom = sortedQuantile(sorted, sorted.length, levels[levelCount - 1]!);
  const stretch = 1 / Math.max(Number.MIN_VALUE, tailFrom - sortedQuantile(sorted, sorted.length, 0.5));
  const top = row[levelCount - 1]!;
  const above = top - row[median]!;
  for (let path = 0; path < errors.length; path++) {
    const error = errors[path]!;
    if (!Number.isFinite(error)) continue;
    const rank = (countBelow(sorted, error, false) + countBelow(sorted, error, true)) / 2 / sorted.length;
    const value = error > tailFrom ? top + Math.min(1, (error - tailFrom) * stretch) * above : valueAtLevel(row, rank);
    const before = step === 0 ? value : maxima[path * steps + step - 1]!;
    maxima[path * steps + step] = before > value ? before : Number.isNaN(before) ? Number.NaN : value;
  }
}

function countBelow(sorted: Float64Array, value: number, orEqual: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value || (orEqual && sorted[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function valueAtLevel(row: Float64Array, level: number): number {
  let at = 0;
  while (at < levelCount && levels[at]! < level) at++;
  if (at === 0) return row[0]!;
  if (at === levelCount) return row[levelCount - 1]!;
  const part = (level - levels[at - 1]!) / (levels[at]! - levels[at - 1]!);
  return row[at - 1]! + part * (row[at]! - row[at - 1]!);
}
