// The block of a body while it is being filled: its bytes, the CRCs of its slices, and what it is charged in the budget.
import { SliceCrcs } from '../pack/pack.ts';

export class BlockDraft {
  readonly chunks: Uint8Array[] = [];
  /** Those of the chunks that can be used again; the last one may still have room. */
  readonly slices: Buffer[] = [];
  charged = 0;
  #room = 0;
  readonly #crcs = new SliceCrcs();

  get length(): number {
    return this.#crcs.length;
  }

  /** Bytes that the last slice still takes. */
  get room(): number {
    return this.#room;
  }

  /** The piece itself becomes part of the block. */
  keep(piece: Uint8Array): void {
    this.chunks.push(piece);
    this.#crcs.update(piece);
  }

  addSlice(slice: Buffer): void {
    this.slices.push(slice);
    this.#room = slice.length;
  }

  /** Copies no more than `room`; the piece can be let go. */
  gather(piece: Uint8Array): void {
    const slice = this.slices.at(-1)!;
    const from = slice.length - this.#room;
    slice.set(piece, from);
    this.#room -= piece.length;
    if (from > 0) this.chunks.pop();
    this.chunks.push(slice.subarray(0, from + piece.length));
    this.#crcs.update(piece);
  }

  /** Nothing may be added afterwards. */
  sliceCrcs(): number[] {
    return this.#crcs.finish();
  }
}
