// Keeps the books of one pack while it is written: where each payload lies, and the index for the seal.
// It moves no bytes: what it returns goes to PackWriter.append, in the order in which it was asked for.
import type { PackId } from '../model/ids.ts';
import { encodeFrameHeader, encodeFrameTrailer, type FrameKind, frameBytes, frameHeaderBytes } from './frame.ts';
import { encodeHeader, headerBytesMin, type PackHeader } from './header.ts';
import { encodeFooter, encodeIndex, footerBytes, type IndexEntry, indexBytes } from './index-footer.ts';

/** One frame being written: append `header`, then exactly `length` payload bytes, then `trailer(crcs)`. */
export interface AssembledFrame extends IndexEntry {
  readonly header: Buffer;
  trailer(sliceCrcs: readonly number[]): Buffer;
}

export class PackAssembly {
  readonly pack: PackId;
  readonly header: Buffer;
  #entries: IndexEntry[] = [];
  #bytes: number;

  /** Append `header` first. */
  constructor(header: PackHeader) {
    this.pack = header.pack;
    this.header = encodeHeader(header);
    this.#bytes = this.header.length;
  }

  /** Bytes of the pack up to now, every frame asked for counted whole. */
  get size(): number {
    return this.#bytes;
  }

  get entries(): readonly IndexEntry[] {
    return this.#entries;
  }

  /** What the pack will weigh once sealed. */
  get sealedSize(): number {
    return this.#bytes + indexBytes(this.#entries.length) + footerBytes;
  }

  frame(kind: FrameKind, id: string, length: number): AssembledFrame {
    const header = encodeFrameHeader(kind, id, length);
    const offset = this.#bytes + frameHeaderBytes;
    this.#entries.push({ kind, id, offset, length });
    this.#bytes += frameBytes(length);
    return { kind, id, offset, length, header, trailer: (sliceCrcs) => encodeFrameTrailer(header, sliceCrcs) };
  }

  /** Index and footer: the last append before the seal. */
  seal(): Buffer[] {
    const index = encodeIndex(this.#entries);
    return [index, encodeFooter(this.pack, this.#bytes, index)];
  }
}

/** Size of a sealed pack that holds exactly these payloads: the hint for partitions that want a length first. */
export function sealedPackBytes(partition: string, lengths: readonly number[]): number {
  let bytes = headerBytesMin + Buffer.byteLength(partition) + indexBytes(lengths.length) + footerBytes;
  for (const length of lengths) bytes += frameBytes(length);
  return bytes;
}
