// Sums over the areas of a partition, as if they had always lain as they lie now.
import type { AreaSeries } from './area-series.ts';

/** An area's series and the part of it that falls on the partition. */
export interface Part {
  readonly series: AreaSeries;
  readonly share: number;
}

/** Values of the bins `from` … `to`; NaN where none of the areas that were there was measured. */
export function sumValues(parts: readonly Part[], from: number, to: number): Float64Array {
  const sums = new Float64Array(Math.max(0, to - from + 1));
  const measured = new Uint8Array(sums.length);
  const missed = new Uint8Array(sums.length);
  for (const { series, share } of parts) {
    for (let bin = Math.max(from, series.firstBin); bin <= to; bin++) {
      sums[bin - from] = sums[bin - from]! + share * series.valueAt(bin);
      if (series.isMissing(bin)) missed[bin - from] = 1;
      else measured[bin - from] = 1;
    }
  }
  for (let at = 0; at < sums.length; at++) if (missed[at] === 1 && measured[at] === 0) sums[at] = Number.NaN;
  return sums;
}

/** Sum of what was said of a target at a bin; NaN where one of the areas said nothing. */
export function sumPoints(parts: readonly Part[], target: number, bin: number): number {
  let sum = 0;
  for (const { series, share } of parts) sum += share * series.pointAt(target, bin);
  return sum;
}

export function isSame(before: readonly Part[], now: readonly Part[]): boolean {
  return (
    before.length === now.length &&
    before.every(({ series, share }, at) => series === now[at]!.series && Math.abs(share - now[at]!.share) < 1e-9)
  );
}
