// A real series made into what areas are fed with: minutes and bins of five, mean 1, without gaps; and what the forecaster is shown of it.
import { type Sample, toBins } from '../forecast/forecast.ts';

export const binMinutes = 5;
export const binSec = binMinutes * 60;
const binsPerDay = 1440 / binMinutes;
/** Before it forecasts are those of a forecaster that has hardly seen anything: not those of the fleet that is simulated. */
const youngBins = 4 * binsPerDay;
const youngShareMax = 0.25;
/** Shorter than that a day cannot be told from a minute. */
const binsMin = 24;

export interface BaseSeries {
  readonly name: string;
  readonly binMinutes: 5;
  /** Per minute, mean 1 over the usable part. Series of longer steps are constant within a bin. They wrap: what follows the last is the first. */
  readonly minutes: Float32Array;
  /** Means of five minutes. */
  readonly bins: Float32Array;
  /** By `aheadBins`: the predicted median for the bin i + ahead, made when bin i was the last that was known. */
  readonly points: readonly Float32Array[];
}

/** A series as it was measured, in its own time and unit. */
export interface MeasuredSeries {
  readonly name: string;
  readonly startSec: number;
  /** Bins as the forecaster is shown them: NaN where too little was measured. */
  readonly shown: Float64Array;
  /** Without gaps. */
  readonly minutes: Float64Array;
  /** The first bin of the usable part. */
  readonly usableFrom: number;
  /** Of the usable part, in the unit of `minutes`. */
  readonly mean: number;
  /** What somebody should know: gaps, values that are no loads, times that stand there twice. */
  readonly notes: readonly string[];
}

/** Throws RangeError when it is too short, or nothing but zero. */
export function measureSeries(name: string, samples: readonly Sample[], aggregate: 'sum' | 'mean'): MeasuredSeries {
  const usualSec = usualStepSec(samples);
  const stepSec = usualSec <= 60 ? 60 : binSec;
  const binned = toBins(samples, stepSec, aggregate);
  const held = holdLong(binned.values, Math.ceil(usualSec / stepSec));
  const perBin = Math.round(binSec / stepSec);
  const count = Math.floor(held.length / perBin);
  if (count < binsMin) throw new RangeError(`${name} has ${count} bins of 5 minutes; at least ${binsMin} are wanted`);
  const steps = held.slice(0, count * perBin);
  const shown = Float64Array.from({ length: count }, (_, bin) => meanOfMost(steps, bin * perBin, perBin));
  const missing = steps.filter((value) => Number.isNaN(value)).length;
  interpolate(steps);
  const minutes = perBin === 1 ? spread(steps) : steps;
  const usableFrom = Math.min(youngBins, Math.floor(count * youngShareMax));
  const usable = minutes.subarray(usableFrom * binMinutes);
  const mean = usable.reduce((sum, value) => sum + value, 0) / usable.length;
  if (!(mean > 0) || !Number.isFinite(mean))
    throw new RangeError(`${name} is zero throughout: nothing asks for anything`);
  const notes = [
    ...(missing > 0
      ? [`${missing} of ${steps.length} bins of ${stepSec} s are missing; what was asked then is interpolated`]
      : []),
    ...(binned.unusable > 0 ? [`${binned.unusable} values are no loads and count as missing`] : []),
    ...(binned.doubled > 0 ? [`${binned.doubled} times stand there more than once; their mean is taken`] : []),
  ].map((note) => `${name}: ${note}`);
  return { name, startSec: binned.startSec, shown, minutes, usableFrom, mean, notes };
}

/** The usable part, its mean 1. `points`: what was forecast of all bins, in the unit of the measured series. */
export function baseSeries(measured: MeasuredSeries, points: readonly Float32Array[]): BaseSeries {
  const { name, usableFrom, mean } = measured;
  const minutes = Float32Array.from(measured.minutes.subarray(usableFrom * binMinutes), (value) => value / mean);
  const bins = Float32Array.from({ length: minutes.length / binMinutes }, (_, bin) => {
    const of = minutes.subarray(bin * binMinutes, (bin + 1) * binMinutes);
    return of.reduce((sum, value) => sum + value, 0) / binMinutes;
  });
  return {
    name,
    binMinutes,
    minutes,
    bins,
    points: points.map((each) => each.slice(usableFrom).map((value) => value / mean)),
  };
}

/** The most frequent distance of neighbours in time. */
function usualStepSec(samples: readonly Sample[]): number {
  const times = samples.map((each) => each.timeSec).sort((a, b) => a - b);
  const counts = new Map<number, number>();
  let usual = binSec;
  let most = 0;
  for (let at = 1; at < times.length; at++) {
    const distance = times[at]! - times[at - 1]!;
    if (distance <= 0) continue;
    const count = (counts.get(distance) ?? 0) + 1;
    counts.set(distance, count);
    if (count > most) [usual, most] = [distance, count];
  }
  return usual;
}

/** A series of hours says the same for each bin of its hour; longer silence is a gap. Steps of seven minutes leave every few bins empty: likewise. */
function holdLong(values: Float64Array, stepsPerSample: number): Float64Array {
  if (stepsPerSample <= 1) return values;
  const held = values.slice();
  let left = 0;
  for (let at = 0; at < held.length; at++) {
    if (!Number.isNaN(held[at]!)) left = stepsPerSample - 1;
    else if (left-- > 0) held[at] = held[at - 1]!;
  }
  return held;
}

/** NaN when less than half is there. */
function meanOfMost(values: Float64Array, from: number, length: number): number {
  const there = values.subarray(from, from + length).filter((value) => !Number.isNaN(value));
  return there.length * 2 < length ? Number.NaN : there.reduce((sum, value) => sum + value, 0) / there.length;
}

function interpolate(values: Float64Array): void {
  let last = -1;
  for (let at = 0; at <= values.length; at++) {
    if (at < values.length && Number.isNaN(values[at]!)) continue;
    for (let gap = last + 1; gap < at; gap++) {
      const before = last < 0 ? values[at]! : values[last]!;
      const after = at === values.length ? before : values[at]!;
      values[gap] = before + ((after - before) * (gap - last)) / (at - last);
    }
    last = at;
  }
}

const spread = (bins: Float64Array): Float64Array =>
  Float64Array.from({ length: bins.length * binMinutes }, (_, minute) => bins[Math.floor(minute / binMinutes)]!);
