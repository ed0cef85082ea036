// Where a prefix or marker that a client sent lies among the rows of one kind. Real keys hold no NUL and at most 1,024 bytes; what
// goes beyond that is cut off, which leaves every real key on the same side of a marker.
import { caps } from '../base/caps.ts';

/** The least row key that is not before `text`. */
export function placeAmong(first: Buffer, text: string): Buffer {
  const bytes = Buffer.from(beforeNul(text), 'utf8');
  return Buffer.concat([first, bytes.subarray(0, caps.keyBytesMax + 1)]);
}

export const beforeNul = (text: string): string => text.split('\0', 1)[0]!;

/** Can there be keys that start so? */
export const isPrefix = (text: string): boolean =>
  !text.includes('\0') && Buffer.byteLength(text, 'utf8') <= caps.keyBytesMax;

export const isKey = (text: string): boolean => text.length > 0 && isPrefix(text);
