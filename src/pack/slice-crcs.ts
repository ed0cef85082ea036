// CRC32C of every 64 KiB slice of a payload, fed in chunks of any size, so that a block need not be held to be checksummed.
import { caps } from '../base/caps.ts';
import { crc32c } from './crc32c.ts';

export const sliceCount = (length: number): number => Math.ceil(length / caps.sliceBytes);

export class SliceCrcs {
  #crcs: number[] = [];
  #current = 0;
  #filled = 0; // bytes in the running slice
  #length = 0;

  /** Bytes fed so far. */
  get length(): number {
    return this.#length;
  }

  update(chunk: Uint8Array): this {
    let at = 0;
    while (at < chunk.length) {
      const end = Math.min(chunk.length, at + caps.sliceBytes - this.#filled);
      this.#current = crc32c(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end), this.#current);
      this.#filled += end - at;
      at = end;
      if (this.#filled === caps.sliceBytes) this.#close();
    }
    this.#length += chunk.length;
    return this;
  }

  /** The list, the last slice being the shorter one; empty for no bytes. */
  finish(): number[] {
    if (this.#filled > 0) this.#close();
    return this.#crcs;
  }

  #close(): void {
    this.#crcs.push(this.#current);
    this.#current = 0;
    this.#filled = 0;
  }
}

/** CRCs of bytes that are all at hand. */
export const sliceCrcsOf = (...chunks: readonly Uint8Array[]): number[] => {
  const crcs = new SliceCrcs();
  for (const chunk of chunks) crcs.update(chunk);
  return crcs.finish();
};
