// Percent-decoding, strict and once: bytes must be UTF-8, escapes must be hex, NUL is refused (it ends keys in the catalog).
import { s3Error } from './errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const nothingToDecode = /^[\x01-\x24\x26-\x7e]*$/; // ASCII without `%` and NUL

/** `+` is a plus. `raw` holds one latin-1 character per byte, as Node gives it. */
export function decodePath(raw: string): string {
  return nothingToDecode.test(raw) ? raw : decode(raw);
}

/** `+` is a blank, as in forms. */
export function decodeQueryPart(raw: string): string {
  return decodePath(raw.includes('+') ? raw.replaceAll('+', ' ') : raw);
}

function decode(raw: string): string {
  const bytes = Buffer.allocUnsafe(raw.length);
  let length = 0;
  for (let at = 0; at < raw.length; at++) {
    let byte = raw.charCodeAt(at);
    if (byte === 0x25) {
      byte = hexDigit(raw.charCodeAt(at + 1)) * 16 + hexDigit(raw.charCodeAt(at + 2));
      at += 2;
    }
    // NaN (a bad escape), NUL and characters that are no bytes.
    if (!(byte > 0 && byte <= 0xff)) throw s3Error('InvalidURI');
    bytes[length++] = byte;
  }
  try {
    return utf8.decode(bytes.subarray(0, length));
  } catch (error) {
    throw s3Error('InvalidURI', { cause: error });
  }
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : Number.NaN;
}
