// Lets the bytes of a block through only in whole slices whose CRC32C is the one that the catalog knows.
import { caps } from '../base/caps.ts';
import { Fault } from '../base/fault.ts';
import type { ByteRange } from '../base/range.ts';
import type { BlockRow } from '../model/block.ts';
import type { BlockId } from '../model/ids.ts';
import { crc32c } from '../pack/pack.ts';

/** The slices that `range` of the block touches, as a byte range of the block. */
export function sliceRange(row: BlockRow, range: ByteRange): ByteRange {
  const start = range.start - (range.start % caps.sliceBytes);
  const end = Math.min(row.length, Math.ceil(range.end / caps.sliceBytes) * caps.sliceBytes);
  return { start, end };
}

export const corrupt = (id: BlockId, row: BlockRow): Fault =>
  new Fault({ kind: 'block-corrupt', partition: row.partition, pack: row.pack, block: id });

export class SliceVerifier {
  readonly #id: BlockId;
  readonly #row: BlockRow;
  #position: number; // in the block, of the next byte to come in
  #crc = 0;
  #held: Buffer[] = []; // of the running slice

  /** `start` is the first byte of a slice. */
  constructor(id: BlockId, row: BlockRow, start: number) {
    this.#id = id;
    this.#row = row;
    this.#position = start;
  }

  /** Takes in the next bytes and returns those that are now known to be right. */
  push(chunk: Buffer): Buffer[] {
    let at = 0;
    let good = 0; // bytes of the chunk behind which no doubt is left
    while (at < chunk.length) {
      const slice = Math.floor(this.#position / caps.sliceBytes);
      const sliceEnd = Math.min(this.#row.length, (slice + 1) * caps.sliceBytes);
      const end = Math.min(chunk.length, at + sliceEnd - this.#position);
      if (end === at) throw corrupt(this.#id, this.#row); // more bytes than the block has
      this.#crc = crc32c(chunk.subarray(at, end), this.#crc);
      this.#position += end - at;
      at = end;
      if (this.#position < sliceEnd) break;
      if (this.#crc !== this.#row.sliceCrcs[slice]) throw corrupt(this.#id, this.#row);
      this.#crc = 0;
      good = at;
    }
    if (good === 0) {
      this.#held.push(chunk);
      return [];
    }
    const out = [...this.#held, good === chunk.length ? chunk : chunk.subarray(0, good)];
    this.#held = good === chunk.length ? [] : [chunk.subarray(good)];
    return out;
  }

  /** All bytes up to `end` came in and were right. */
  assertDone(end: number): void {
    if (this.#position !== end || this.#held.length > 0) throw corrupt(this.#id, this.#row);
  }
}
