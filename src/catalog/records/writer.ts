// Writes one record into a reused scratch buffer: small numbers small, ids packed, common texts interned. Pure bytes, no schema.
import { internedTexts } from './interned.ts';

const internedNumbers = new Map(internedTexts.map((text, number) => [text, number]));
const internedLengthMax = Math.max(...internedTexts.map((text) => text.length));

/** How a text is stored; the two low bits of its length. */
export const textForm = { latin1: 0, utf8: 1, hex: 2, interned: 3 } as const;
const hexPackedLengthMin = 16;

const isHexDigit = (code: number): boolean => (code >= 48 && code <= 57) || (code >= 97 && code <= 102);

export function isLowerHex(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (!isHexDigit(text.charCodeAt(at))) return false;
  return true;
}

function isLatin1(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0xff) return false;
  return true;
}

export class Writer {
  #bytes = Buffer.allocUnsafeSlow(16 * 1024);
  #at = 0;

  reset(): void {
    this.#at = 0;
  }

  /** A copy of what was written. */
  taken(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#at));
  }

  #room(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + length));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  u32(value: number): void {
    this.#room(4);
    this.#at = this.#bytes.writeUInt32BE(value, this.#at);
  }

  /** A fixed 8 bytes that hold a non-negative safe integer. */
  u64(value: number): void {
    safe(value);
    this.#room(8);
    this.#bytes.writeUInt32BE(Math.floor(value / 2 ** 32), this.#at);
    this.#bytes.writeUInt32BE(value % 2 ** 32, this.#at + 4);
    this.#at += 8;
  }

  /** A non-negative safe integer, 7 bits a byte. */
  count(value: number): void {
    safe(value);
    this.#room(8);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#at++] = rest;
  }

  /** A sign bit and a magnitude below 2^52. */
  signed(value: number): void {
    this.count(value < 0 ? -value * 2 - 1 : value * 2);
  }

  /** Any finite or infinite double. */
  float(value: number): void {
    this.#room(8);
    this.#at = this.#bytes.writeDoubleBE(value, this.#at);
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  blob(value: Uint8Array): void {
    this.count(value.length);
    this.bytes(value);
  }

  /** 16 bytes of an id written as 32 lower-case hex digits. */
  id(hex: string): void {
    if (hex.length !== 32 || !isLowerHex(hex)) throw new TypeError(`not a 32-digit id: ${JSON.stringify(hex)}`);
    this.#room(16);
    this.#at += this.#bytes.write(hex, this.#at, 16, 'hex');
  }

  /** Any well-formed text: interned, packed hex, latin-1 or UTF-8, whichever is shortest. */
  text(value: string): void {
    const length = value.length;
    const number = length <= internedLengthMax ? internedNumbers.get(value) : undefined;
    if (number !== undefined) {
      this.count(number * 4 + textForm.interned);
    } else if (length >= hexPackedLengthMin && length % 2 === 0 && isLowerHex(value)) {
      this.count((length / 2) * 4 + textForm.hex);
      this.#room(length / 2);
      this.#at += this.#bytes.write(value, this.#at, length / 2, 'hex');
    } else if (isLatin1(value)) {
      this.count(length * 4 + textForm.latin1);
      this.#room(length);
      this.#at += this.#bytes.write(value, this.#at, length, 'latin1');
    } else {
      const bytes = Buffer.from(value, 'utf8');
      this.count(bytes.length * 4 + textForm.utf8);
      this.bytes(bytes);
    }
  }
}

function safe(value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a non-negative safe integer: ${value}`);
}
