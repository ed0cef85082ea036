// ETags are MD5 digests, with `-N` after a multipart upload: 16 raw bytes at a fixed place, the rest behind the fixed head.
import type { Reader } from './reader.ts';
import { isLowerHex, type Writer } from './writer.ts';

export const etagForm = { empty: 0, md5: 1, md5Parts: 2, text: 3 } as const;
export type EtagForm = (typeof etagForm)[keyof typeof etagForm];

export const md5Bytes = 16;
const md5Digits = 2 * md5Bytes;
const noMd5 = '0'.repeat(md5Digits);

export function etagFormOf(etag: string): EtagForm {
  if (etag === '') return etagForm.empty;
  if (etag.length >= md5Digits && isLowerHex(etag.slice(0, md5Digits))) {
    if (etag.length === md5Digits) return etagForm.md5;
    if (/^-(?:[1-9]\d{0,14}|0)$/.test(etag.slice(md5Digits))) return etagForm.md5Parts;
  }
  return etagForm.text;
}

export const writeEtagHead = (to: Writer, etag: string, form: EtagForm): void =>
  to.id(form === etagForm.md5 || form === etagForm.md5Parts ? etag.slice(0, md5Digits) : noMd5);

export function writeEtagRest(to: Writer, etag: string, form: EtagForm): void {
  if (form === etagForm.md5Parts) to.count(Number(etag.slice(md5Digits + 1)));
  if (form === etagForm.text) to.text(etag);
}

/** The ETag of a form, given the hex of its 16 bytes. */
export function readEtagRest(from: Reader, hex: string, form: number): string {
  if (form === etagForm.md5) return hex;
  if (form === etagForm.md5Parts) return `${hex}-${from.count()}`;
  return form === etagForm.text ? from.text() : '';
}
