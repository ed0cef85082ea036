// What a seal adds: an index of the frames and a footer that finds it from the end. docs/PACK-FORMAT.md.
import type { PackId } from '../model/ids.ts';
import { crc32c } from './crc32c.ts';
import { type FrameKind, kindNumber, kindOf } from './frame.ts';
import { packFormat, readId, writeId } from './header.ts';

export const footerBytes = 44;
const entryBytes = 36;
const indexMark = 0x45474958; // EGIX
const footerMark = 0x45474654; // EGFT

export interface IndexEntry {
  readonly kind: FrameKind;
  readonly id: string;
  /** Of the first payload byte. */
  readonly offset: number;
  readonly length: number;
}

export interface Footer {
  readonly pack: PackId;
  readonly count: number;
  readonly indexOffset: number;
  readonly indexBytes: number;
  readonly indexCrc: number;
}

export const indexBytes = (count: number): number => 12 + entryBytes * count;

export const isIndexMark = (bytes: Buffer): boolean => bytes.readUInt32BE(0) === indexMark;

export function encodeIndex(entries: readonly IndexEntry[]): Buffer {
  const bytes = Buffer.alloc(indexBytes(entries.length));
  bytes.writeUInt32BE(indexMark, 0);
  let at = 8;
  for (const entry of entries) {
    bytes.writeUInt8(kindNumber(entry.kind), at);
    writeId(bytes, entry.id, at + 4);
    bytes.writeBigUInt64BE(BigInt(entry.offset), at + 20);
    bytes.writeBigUInt64BE(BigInt(entry.length), at + 28);
    at += entryBytes;
  }
  bytes.writeUInt32BE(crc32c(bytes.subarray(0, at)), at);
  return bytes;
}

/** `index` is the encoded index that stands at `indexOffset`. */
export function encodeFooter(pack: PackId, indexOffset: number, index: Buffer): Buffer {
  const bytes = Buffer.alloc(footerBytes);
  bytes.writeUInt32BE(footerMark, 0);
  bytes.writeUInt16BE(packFormat, 4);
  bytes.writeUInt32BE((index.length - 12) / entryBytes, 8);
  bytes.writeBigUInt64BE(BigInt(indexOffset), 12);
  writeId(bytes, pack, 20);
  bytes.writeUInt32BE(index.readUInt32BE(index.length - 4), 36);
  bytes.writeUInt32BE(crc32c(bytes.subarray(0, 40)), 40);
  return bytes;
}

/** `tail` ends where the pack ends; undefined if no valid footer stands there (an unsealed or damaged pack). */
export function parseFooter(tail: Buffer): Footer | undefined {
  if (tail.length < footerBytes) return undefined;
  const bytes = tail.subarray(tail.length - footerBytes);
  if (bytes.readUInt32BE(0) !== footerMark || bytes.readUInt16BE(4) !== packFormat) return undefined;
  if (crc32c(bytes.subarray(0, 40)) !== bytes.readUInt32BE(40)) return undefined;
  const count = bytes.readUInt32BE(8);
  return {
    pack: readId(bytes, 20),
    count,
    indexOffset: Number(bytes.readBigUInt64BE(12)),
    indexBytes: indexBytes(count),
    indexCrc: bytes.readUInt32BE(36),
  };
}

/** `bytes` stands at the footer's `indexOffset` and is `indexBytes` long; undefined if it is not the footer's index. */
export function parseIndex(bytes: Buffer, footer: Footer): IndexEntry[] | undefined {
  if (bytes.length !== footer.indexBytes || !isIndexMark(bytes)) return undefined;
  const crcAt = bytes.length - 4;
  const crc = bytes.readUInt32BE(crcAt);
  if (crc !== footer.indexCrc || crc32c(bytes.subarray(0, crcAt)) !== crc) return undefined;
  const entries: IndexEntry[] = [];
  for (let at = 8; at < crcAt; at += entryBytes) {
    const kind = kindOf(bytes.readUInt8(at));
    if (kind === undefined) return undefined;
    entries.push({
      kind,
      id: readId(bytes, at + 4),
      offset: Number(bytes.readBigUInt64BE(at + 20)),
      length: Number(bytes.readBigUInt64BE(at + 28)),
    });
  }
  return entries;
}
