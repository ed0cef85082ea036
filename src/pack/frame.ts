// Bytes around one payload: a header in front, its slices' CRCs behind. docs/PACK-FORMAT.md.
import { GiB } from '../base/units.ts';
import { crc32c } from './crc32c.ts';
import { readId, writeId } from './header.ts';
import { sliceCount } from './slice-crcs.ts';

export type FrameKind = 'block' | 'log';

export const frameHeaderBytes = 36;
export const payloadBytesMax = 4 * GiB;

const mark = 0x45474652; // EGFR
const kinds: readonly (FrameKind | undefined)[] = [undefined, 'block', 'log'];

export const kindNumber = (kind: FrameKind): number => kinds.indexOf(kind);
export const kindOf = (number: number): FrameKind | undefined => kinds[number];

export interface FrameHeader {
  readonly kind: FrameKind;
  readonly id: string;
  readonly length: number;
  /** Its own CRC field: seeds the trailer's. */
  readonly crc: number;
}

export function encodeFrameHeader(kind: FrameKind, id: string, length: number): Buffer {
  if (!Number.isSafeInteger(length) || length < 0 || length > payloadBytesMax)
    throw new RangeError(`payload length ${length}`);
  const bytes = Buffer.alloc(frameHeaderBytes);
  bytes.writeUInt32BE(mark, 0);
  bytes.writeUInt8(kindNumber(kind), 4);
  writeId(bytes, id, 8);
  bytes.writeBigUInt64BE(BigInt(length), 24);
  bytes.writeUInt32BE(crc32c(bytes.subarray(0, 32)), 32);
  return bytes;
}

export const isFrameMark = (bytes: Buffer): boolean => bytes.readUInt32BE(0) === mark;

export function decodeFrameHeader(bytes: Buffer): FrameHeader | { damaged: string } {
  if (!isFrameMark(bytes)) return { damaged: 'no frame mark' };
  const crc = bytes.readUInt32BE(32);
  if (crc32c(bytes.subarray(0, 32)) !== crc) return { damaged: 'frame header CRC' };
  const kind = kindOf(bytes.readUInt8(4));
  const length = Number(bytes.readBigUInt64BE(24));
  if (kind === undefined) return { damaged: `frame kind ${bytes.readUInt8(4)}` };
  if (length > payloadBytesMax) return { damaged: `payload length ${length}` };
  return { kind, id: readId(bytes, 8), length, crc };
}

export const frameTrailerBytes = (length: number): number => 4 * sliceCount(length) + 4;

/** All that a frame takes in a pack, payload included. */
export const frameBytes = (length: number): number => frameHeaderBytes + length + frameTrailerBytes(length);

/** `header` is the frame's own encoded header. */
export function encodeFrameTrailer(header: Buffer, sliceCrcs: readonly number[]): Buffer {
  const length = Number(header.readBigUInt64BE(24));
  if (sliceCrcs.length !== sliceCount(length))
    throw new RangeError(`${sliceCrcs.length} slice CRCs for ${length} bytes`);
  const bytes = Buffer.alloc(4 * sliceCrcs.length + 4);
  for (const [index, crc] of sliceCrcs.entries()) bytes.writeUInt32BE(crc, 4 * index);
  bytes.writeUInt32BE(crc32c(bytes.subarray(0, -4), header.readUInt32BE(32)), bytes.length - 4);
  return bytes;
}

export function decodeFrameTrailer(header: FrameHeader, bytes: Buffer): number[] | { damaged: string } {
  if (crc32c(bytes.subarray(0, -4), header.crc) !== bytes.readUInt32BE(bytes.length - 4))
    return { damaged: 'frame trailer CRC' };
  const crcs: number[] = [];
  for (let at = 0; at < bytes.length - 4; at += 4) crcs.push(bytes.readUInt32BE(at));
  return crcs;
}
