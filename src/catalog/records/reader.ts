// Reads what Writer wrote. Every step checks the end, so a cut record throws instead of inventing a value.
import { internedTexts } from './interned.ts';
import { textForm } from './writer.ts';

export class Reader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Moves over `length` bytes and returns where they start. */
  skip(length: number): number {
    const start = this.#at;
    if (start + length > this.#bytes.length) throw new RangeError('record ends early');
    this.#at = start + length;
    return start;
  }

  byte(): number {
    return this.#bytes[this.skip(1)]!;
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.skip(4));
  }

  u64(): number {
    const start = this.skip(8);
    return this.#bytes.readUInt32BE(start) * 2 ** 32 + this.#bytes.readUInt32BE(start + 4);
  }

  count(): number {
    let value = this.byte();
    if (value < 0x80) return value;
    value -= 0x80;
    for (let scale = 128; ; scale *= 128) {
      const next = this.byte();
      value += (next & 0x7f) * scale;
      if (next < 0x80) break;
      if (scale > 2 ** 49) throw new RangeError('number too long');
    }
    if (!Number.isSafeInteger(value)) throw new RangeError('number too large');
    return value;
  }

  signed(): number {
    const value = this.count();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  float(): number {
    return this.#bytes.readDoubleBE(this.skip(8));
  }

  bytes(length: number): Buffer {
    const start = this.skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  blob(): Buffer {
    return this.bytes(this.count());
  }

  id(): string {
    const start = this.skip(16);
    return this.#bytes.toString('hex', start, start + 16);
  }

  text(): string {
    const head = this.count();
    const length = Math.floor(head / 4);
    const form = head % 4;
    if (form === textForm.interned) {
      const text = internedTexts[length];
      if (text === undefined) throw new RangeError(`no interned text ${length}`);
      return text;
    }
    const start = this.skip(length);
    const encoding = form === textForm.latin1 ? 'latin1' : form === textForm.utf8 ? 'utf8' : 'hex';
    return this.#bytes.toString(encoding, start, start + length);
  }

  skipText(): void {
    const head = this.count();
    if (head % 4 !== textForm.interned) this.skip(Math.floor(head / 4));
  }

  /** Leaves the rest unread, on purpose. */
  toEnd(): void {
    this.#at = this.#bytes.length;
  }

  /** Bytes behind the end of a record mean damage or a newer writer: never ignored. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError('record has bytes behind its end');
  }
}
