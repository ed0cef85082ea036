// Comparisons over seeds: medians, and intervals by resampling seeds. Policies ran under the same seeds, so seeds are drawn in pairs.
import { seededRandom } from '../base/random.ts';

export interface Estimate {
  /** NaN: it cannot be said, as the ratio to nothing. */
  readonly value: number;
  /** 95 % of resamples lie between them. */
  readonly low: number;
  readonly high: number;
}

/** One row of a comparison: a figure by seed, in the same order on all sides. */
export type Row<Side extends string> = Readonly<Record<Side, readonly number[]>>;
export type Paired = Row<'ours' | 'theirs'>;

const resamples = 2000;
const inside = 0.95;

export function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Sum of our medians over the sum of theirs: rows with more at stake count for more. 1 when both are nothing. */
export const pooledRatio = (rows: readonly Paired[]): Estimate =>
  resampled(rows, (medians) => {
    const [ours, theirs] = [sumOf(medians, 'ours'), sumOf(medians, 'theirs')];
    if (theirs === 0) return ours === 0 ? 1 : Number.NaN;
    return ours / theirs;
  });

/** Mean over rows of the median of ours − theirs by seed. */
export const pooledDifference = (rows: readonly Paired[]): Estimate =>
  resampled(
    rows.map(({ ours, theirs }) => ({ more: ours.map((value, at) => value - theirs[at]!) })),
    (medians) => sumOf(medians, 'more') / medians.length,
  );

/** Of the gap between `from` and `to` the part that `by` closes, rows pooled. */
export const gapClosed = (rows: readonly Row<'from' | 'to' | 'by'>[]): Estimate =>
  resampled(rows, (medians) => {
    const gap = sumOf(medians, 'from') - sumOf(medians, 'to');
    return gap > 0 ? (sumOf(medians, 'from') - sumOf(medians, 'by')) / gap : Number.NaN;
  });

type Medians<Side extends string> = readonly Readonly<Record<Side, number>>[];

const sumOf = <Side extends string>(medians: Medians<Side>, side: Side): number => {
  let sum = 0;
  for (const each of medians) sum += each[side];
  return sum;
};

/** Draws seeds with replacement: the same ones in every row, for all sides. `statistic` is told the median of each side of each row. */
function resampled<Side extends string>(
  rows: readonly Row<Side>[],
  statistic: (medians: Medians<Side>) => number,
): Estimate {
  const sides = Object.keys(rows[0] ?? {}) as Side[];
  const medians = rows.map(
    (row) => Object.fromEntries(sides.map((side) => [side, median(row[side])])) as Record<Side, number>,
  );
  const value = rows.length === 0 ? Number.NaN : statistic(medians);
  const seeds = Math.min(...rows.map((row) => Math.min(...sides.map((side) => row[side].length))));
  if (rows.length === 0 || seeds < 2) return { value, low: Number.NaN, high: Number.NaN };
  const scratch = new Float64Array(seeds);
  const drawn = Float64Array.from(drawsOf(seeds), (at) => {
    rows.forEach((row, index) => {
      for (const side of sides) medians[index]![side] = medianAt(row[side], at, scratch);
    });
    return statistic(medians);
  });
  const sorted = drawn.filter((each) => !Number.isNaN(each)).sort();
  const quantile = (level: number): number => sorted[Math.round(level * (sorted.length - 1))] ?? Number.NaN;
  return { value, low: quantile((1 - inside) / 2), high: quantile((1 + inside) / 2) };
}

/** Median of the values at some indices; `scratch` has room for them. */
function medianAt(values: readonly number[], at: readonly number[], scratch: Float64Array): number {
  for (let index = 0; index < at.length; index++) {
    const value = values[at[index]!]!;
    let to = index;
    for (; to > 0 && scratch[to - 1]! > value; to--) scratch[to] = scratch[to - 1]!;
    scratch[to] = value;
  }
  const half = at.length >> 1;
  return at.length % 2 === 1 ? scratch[half]! : (scratch[half - 1]! + scratch[half]!) / 2;
}

const drawsBySeeds = new Map<number, readonly number[][]>();

/** Which of so many seeds each resample takes: always the same. */
function drawsOf(seeds: number): readonly number[][] {
  const known = drawsBySeeds.get(seeds);
  if (known !== undefined) return known;
  const random = seededRandom('bootstrap');
  const draws = Array.from({ length: resamples }, () => {
    const bytes = random.bytes(seeds * 4);
    return Array.from({ length: seeds }, (_, index) => bytes.readUInt32LE(index * 4) % seeds);
  });
  drawsBySeeds.set(seeds, draws);
  return draws;
}

export interface Paid {
  readonly violatingMinutes: number;
  readonly partitionHours: number;
}

/**
 * The fewest violations that `others` reach with no more partition-hours than so many: one policy with different prices, and any mixture of two of
 * them. Where all of them had more hours, those of the one with the fewest.
 */
export function atEqualHours(others: readonly Paid[], hours: number): number {
  let fewest = Number.POSITIVE_INFINITY;
  for (const less of others) {
    if (less.partitionHours > hours) continue;
    fewest = Math.min(fewest, less.violatingMinutes);
    for (const more of others) {
      if (more.partitionHours <= hours) continue;
      const part = (hours - less.partitionHours) / (more.partitionHours - less.partitionHours);
      fewest = Math.min(fewest, less.violatingMinutes + part * (more.violatingMinutes - less.violatingMinutes));
    }
  }
  if (fewest < Number.POSITIVE_INFINITY) return fewest;
  const [least] = [...others].sort((a, b) => a.partitionHours - b.partitionHours);
  return least?.violatingMinutes ?? Number.NaN;
}
