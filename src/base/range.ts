// Half-open byte ranges [start, end).
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export const rangeLength = (range: ByteRange): number => range.end - range.start;

/** The part of `range` that lies inside [offset, offset + length), relative to offset; undefined if none. */
export function intersect(range: ByteRange, offset: number, length: number): ByteRange | undefined {
  const start = Math.max(range.start, offset);
  const end = Math.min(range.end, offset + length);
  return start < end ? { start: start - offset, end: end - offset } : undefined;
}
