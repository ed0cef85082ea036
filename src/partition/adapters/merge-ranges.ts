// Which ranges of a pack one backend request may fetch together: a round trip costs more than a small gap.
import type { ByteRange } from '../../base/range.ts';

export interface RangeGroup extends ByteRange {
  /** In order, not empty, not overlapping, all inside the group. */
  readonly parts: readonly ByteRange[];
}

/** Keeps the order of the ranges; empty ones vanish. */
export function mergeRanges(ranges: readonly ByteRange[], gapBytesMax: number): RangeGroup[] {
  const groups: { start: number; end: number; parts: ByteRange[] }[] = [];
  for (const range of ranges) {
    if (range.start >= range.end) continue;
    const last = groups.at(-1);
    if (last && range.start >= last.end && range.start - last.end <= gapBytesMax) {
      last.end = range.end;
      last.parts.push(range);
    } else groups.push({ start: range.start, end: range.end, parts: [range] });
  }
  return groups;
}
