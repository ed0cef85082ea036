// Samples as they come (unordered, doubled, with gaps, some nonsense) made into regular bins. What is missing is NaN, never zero.

export interface Sample {
  /** Seconds since 1970. */
  readonly timeSec: number;
  /** Not finite or negative: counted as missing. */
  readonly value: number;
}

export type Aggregate = 'mean' | 'sum';

export interface Binned {
  /** Start of the first bin, in seconds since 1970. */
  readonly startSec: number;
  readonly stepSec: number;
  /** A value per bin; NaN where nothing was measured. */
  readonly values: Float64Array;
  /** Samples that were no loads. */
  readonly unusable: number;
  /** Samples at a time that another one has too; their mean stands for them. */
  readonly doubled: number;
}

/** More bins than anyone measures: a clock that jumped. */
export const binsMax = 2_000_000;
const wholeShareMin = 0.5;

/**
 * Bins begin at the first timestamp. A bin of which less than half the samples are there is missing; a sum over part of a bin is scaled to
 * the whole. The last bin counts only when it is complete, so that cutting a file changes no earlier bin. Throws RangeError when the
 * times span more than `binsMax` bins.
 */
export function toBins(samples: readonly Sample[], stepSec: number, aggregate: Aggregate): Binned {
  const sound = samples.filter(
    ({ timeSec, value }) => Number.isFinite(timeSec) && Number.isFinite(value) && value >= 0,
  );
  const timed = samples.filter(({ timeSec }) => Number.isFinite(timeSec));
  const unusable = samples.length - sound.length;
  let startSec = Number.POSITIVE_INFINITY;
  for (const { timeSec } of timed) if (timeSec < startSec) startSec = timeSec;
  const ordered = sound.map((sample, at) => ({ ...sample, at })).sort((a, b) => a.timeSec - b.timeSec || a.at - b.at);
  const last = ordered.at(-1);
  if (last === undefined) return { startSec: 0, stepSec, values: new Float64Array(0), unusable, doubled: 0 };
  const count = Math.floor((last.timeSec - startSec) / stepSec) + 1;
  if (count > binsMax) throw new RangeError(`times span ${count} bins of ${stepSec} s, at most ${binsMax} are taken`);
  const { times, values: merged } = mergeDoubled(ordered);
  const perBin = Math.max(1, Math.round(stepSec / usualDistance(times, stepSec)));
  const sums = new Float64Array(count);
  const found = new Int32Array(count);
  times.forEach((timeSec, at) => {
    const bin = Math.floor((timeSec - startSec) / stepSec);
    sums[bin] = sums[bin]! + merged[at]!;
    found[bin] = found[bin]! + 1;
  });
  const values = sums.map((sum, bin) => {
    const got = found[bin]!;
    if (got === 0 || got < perBin * wholeShareMin) return Number.NaN;
    return aggregate === 'mean' ? sum / got : got < perBin ? (sum * perBin) / got : sum;
  });
  const whole = found[count - 1]! >= perBin ? count : count - 1;
  return { startSec, stepSec, values: values.slice(0, whole), unusable, doubled: ordered.length - times.length };
}

function mergeDoubled(ordered: readonly Sample[]): { times: number[]; values: number[] } {
  const times: number[] = [];
  const values: number[] = [];
  let same = 0;
  for (const { timeSec, value } of ordered) {
    if (times.at(-1) === timeSec) {
      same++;
      values[values.length - 1] = values.at(-1)! + (value - values.at(-1)!) / same;
    } else {
      same = 1;
      times.push(timeSec);
      values.push(value);
    }
  }
  return { times, values };
}

/** The most frequent distance of neighbours at the start of the file, at most a step. */
function usualDistance(times: readonly number[], stepSec: number): number {
  const counts = new Map<number, number>();
  for (let at = 1; at < Math.min(times.length, 500); at++) {
    const distance = times[at]! - times[at - 1]!;
    counts.set(distance, (counts.get(distance) ?? 0) + 1);
  }
  let usual = stepSec;
  let most = 0;
  for (const [distance, count] of counts) if (count > most) [usual, most] = [distance, count];
  return Math.min(usual, stepSec);
}
