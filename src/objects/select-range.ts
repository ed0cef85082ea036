// Which bytes a read asks for. A Range header that does not parse, or asks for several ranges, is ignored, as AWS does.
import { Fault } from '../base/fault.ts';
import type { ByteRange } from '../base/range.ts';

const single = /^bytes=(\d*)-(\d*)$/i;

/** undefined: no (usable) range was asked for. */
export function selectRange(rangeText: string | undefined, size: number): ByteRange | undefined {
  const [, from, to] = (rangeText !== undefined && single.exec(rangeText)) || [];
  if (rangeText === undefined || from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  const unsatisfiable = () => new Fault({ kind: 'range-unsatisfiable', rangeText, size });
  if (from === '') {
    const length = Number(to);
    if (length === 0 || size === 0) throw unsatisfiable();
    return { start: Math.max(0, size - length), end: size };
  }
  const start = Number(from);
  const end = to === '' ? size : Math.min(Number(to) + 1, size);
  if (to !== '' && Number(to) < start) return undefined;
  if (start >= size) throw unsatisfiable();
  return { start, end };
}

/** Of a part copy: both ends must be there and lie inside the source. */
export function selectCopyRange(rangeText: string, size: number): ByteRange {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(rangeText) ?? [];
  if (from === undefined || to === undefined || Number(from) > Number(to)) {
    throw new Fault({
      kind: 'argument-invalid',
      name: 'x-amz-copy-source-range',
      value: rangeText,
      message:
        'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    });
  }
  const range = { start: Number(from), end: Number(to) + 1 };
  if (range.end > size) throw new Fault({ kind: 'copy-range-invalid', rangeText, size });
  return range;
}
