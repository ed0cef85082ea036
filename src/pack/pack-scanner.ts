// Walks a pack from the front, fed with chunks of any size, holding no payload: for rebuild, fsck, scrub and packs that a
// crash cut off. It trusts nothing: every mark and CRC is checked, and the walk says where and why it stopped.
import { caps } from '../base/caps.ts';
import {
  decodeFrameHeader,
  decodeFrameTrailer,
  type FrameHeader,
  frameHeaderBytes,
  frameTrailerBytes,
  isFrameMark,
} from './frame.ts';
import { decodeHeader, headerLength, type PackHeader } from './header.ts';
import { footerBytes, type IndexEntry, indexBytes, isIndexMark, parseFooter, parseIndex } from './index-footer.ts';
import { SliceCrcs } from './slice-crcs.ts';

export interface ScannedFrame extends IndexEntry {
  readonly sliceCrcs: readonly number[];
  /** Slices whose bytes do not have the CRC that the trailer says. */
  readonly badSlices: readonly number[];
}

export type PackEvent =
  | { readonly event: 'header'; readonly header: PackHeader }
  | { readonly event: 'frame-start'; readonly frame: IndexEntry }
  /** A view into the chunk pushed; the frame is not yet known to be whole. */
  | { readonly event: 'payload'; readonly bytes: Buffer }
  | { readonly event: 'frame'; readonly frame: ScannedFrame };

export interface ScanEnd {
  /** Offset behind the last thing that was whole and right. */
  readonly goodBytes: number;
  readonly state: 'sealed' | 'cut' | 'damaged';
  /** Why it is damaged, or inside what it was cut. */
  readonly message: string;
}

type Stage = 'header-start' | 'header' | 'between' | 'frame-header' | 'payload' | 'trailer' | 'index' | 'done';

const nothing = Buffer.alloc(0);

export class PackScanner {
  #stage: Stage = 'header-start';
  #need = 12;
  #held = nothing; // of the structure being gathered
  #offset = 0; // of the next byte to be taken in
  #goodBytes = 0;
  #damage: string | undefined;
  #header: PackHeader | undefined;
  #frame: { header: FrameHeader; entry: IndexEntry } | undefined;
  #left = 0; // payload bytes still to come
  #crcs = new SliceCrcs();
  #entries: IndexEntry[] = [];

  /** Takes in the next bytes; after damage or the footer it only looks whether anything follows. */
  push(chunk: Buffer): PackEvent[] {
    const events: PackEvent[] = [];
    let at = 0;
    while (at < chunk.length && this.#damage === undefined) {
      if (this.#stage === 'done') this.#damage = 'bytes behind the footer';
      else if (this.#stage === 'payload') at = this.#payload(chunk, at, events);
      else at = this.#gather(chunk, at, events);
    }
    return events;
  }

  /** No more bytes: what was this pack? */
  end(): ScanEnd {
    const goodBytes = this.#goodBytes;
    if (this.#damage !== undefined) return { goodBytes, state: 'damaged', message: this.#damage };
    if (this.#stage === 'done') return { goodBytes, state: 'sealed', message: 'sealed' };
    const where =
      this.#stage === 'between' && this.#held.length === 0 ? 'behind a whole frame' : `inside ${this.#stage}`;
    return { goodBytes, state: 'cut', message: where };
  }

  #payload(chunk: Buffer, at: number, events: PackEvent[]): number {
    const bytes = chunk.subarray(at, Math.min(chunk.length, at + this.#left));
    this.#crcs.update(bytes);
    events.push({ event: 'payload', bytes });
    this.#left -= bytes.length;
    this.#offset += bytes.length;
    if (this.#left === 0) this.#expect('trailer', frameTrailerBytes(this.#frame!.header.length));
    return at + bytes.length;
  }

  #gather(chunk: Buffer, at: number, events: PackEvent[]): number {
    const bytes = chunk.subarray(at, Math.min(chunk.length, at + this.#need - this.#held.length));
    this.#held = Buffer.concat([this.#held, bytes]); // own copy: the caller may reuse its chunk
    this.#offset += bytes.length;
    if (this.#held.length === this.#need) this.#damage = this.#structure(this.#held, events);
    return at + bytes.length;
  }

  /** Something whole has been gathered: goes on to what follows it, or says what is wrong with it. */
  #structure(bytes: Buffer, events: PackEvent[]): string | undefined {
    switch (this.#stage) {
      case 'header-start': {
        const length = headerLength(bytes);
        return typeof length === 'number' ? this.#longer('header', length) : length.damaged;
      }
      case 'header': {
        const header = decodeHeader(bytes);
        if ('damaged' in header) return header.damaged;
        this.#header = header;
        events.push({ event: 'header', header });
        return this.#whole();
      }
      case 'between':
        if (isFrameMark(bytes)) return this.#longer('frame-header', frameHeaderBytes);
        if (isIndexMark(bytes)) return this.#longer('index', indexBytes(this.#entries.length) + footerBytes);
        return 'neither a frame nor an index';
      case 'frame-header':
        return this.#frameStart(bytes, events);
      case 'trailer':
        return this.#frameEnd(bytes, events);
      default:
        return this.#sealed(bytes);
    }
  }

  #frameStart(bytes: Buffer, events: PackEvent[]): string | undefined {
    const header = decodeFrameHeader(bytes);
    if ('damaged' in header) return header.damaged;
    const { kind, id, length } = header;
    const entry: IndexEntry = { kind, id, offset: this.#offset, length };
    this.#frame = { header, entry };
    this.#crcs = new SliceCrcs();
    this.#left = length;
    events.push({ event: 'frame-start', frame: entry });
    return length === 0 ? this.#expect('trailer', frameTrailerBytes(0)) : this.#expect('payload', 0);
  }

  #frameEnd(bytes: Buffer, events: PackEvent[]): string | undefined {
    const { header, entry } = this.#frame!;
    const sliceCrcs = decodeFrameTrailer(header, bytes);
    if ('damaged' in sliceCrcs) return sliceCrcs.damaged;
    const found = this.#crcs.finish();
    const badSlices = sliceCrcs.flatMap((crc, slice) => (crc === found[slice] ? [] : [slice]));
    this.#entries.push(entry);
    events.push({ event: 'frame', frame: { ...entry, sliceCrcs, badSlices } });
    return this.#whole();
  }

  #sealed(bytes: Buffer): string | undefined {
    const footer = parseFooter(bytes);
    if (footer === undefined) return 'footer';
    const index = parseIndex(bytes.subarray(0, -footerBytes), footer);
    const indexOffset = this.#offset - bytes.length;
    if (index === undefined || footer.indexOffset !== indexOffset || footer.pack !== this.#header!.pack) return 'index';
    if (!index.every((entry, at) => sameEntry(entry, this.#entries[at]!))) return 'index names other frames';
    this.#goodBytes = this.#offset;
    return this.#expect('done', 0);
  }

  #expect(stage: Stage, need: number): undefined {
    this.#stage = stage;
    this.#need = need;
    this.#held = nothing;
  }

  /** What was gathered is the start of something longer. */
  #longer(stage: Stage, need: number): undefined {
    this.#stage = stage;
    this.#need = need;
  }

  #whole(): undefined {
    this.#goodBytes = this.#offset;
    this.#expect('between', 4);
  }
}

const sameEntry = (a: IndexEntry, b: IndexEntry): boolean =>
  a.kind === b.kind && a.id === b.id && a.offset === b.offset && a.length === b.length;

export interface ParsedPack {
  readonly header: PackHeader | undefined;
  readonly frames: readonly ScannedFrame[];
  readonly end: ScanEnd;
}

/** The same walk over a prefix that is all in memory. */
export function parsePack(prefix: Buffer): ParsedPack {
  const scanner = new PackScanner();
  let header: PackHeader | undefined;
  const frames: ScannedFrame[] = [];
  for (let at = 0; at < prefix.length; at += caps.blockBytesMax) {
    for (const event of scanner.push(prefix.subarray(at, at + caps.blockBytesMax))) {
      if (event.event === 'header') header = event.header;
      else if (event.event === 'frame') frames.push(event.frame);
    }
  }
  return { header, frames, end: scanner.end() };
}
