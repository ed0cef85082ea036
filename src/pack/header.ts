// Bytes of a pack's header: docs/PACK-FORMAT.md.
import { isId, type PackId, type PartitionId } from '../model/ids.ts';
import { crc32c } from './crc32c.ts';

export const packMagic: Buffer = Buffer.from([0x89, 0x45, 0x47, 0x50, 0x4b, 0x0d, 0x0a, 0x1a]);
export const packFormat = 1;
export const headerBytesMin = 42;
export const headerBytesMax = headerBytesMin + 255;

export interface PackHeader {
  readonly pack: PackId;
  readonly partition: PartitionId;
  readonly createdMs: number;
}

export function encodeHeader(header: PackHeader): Buffer {
  const partition = Buffer.from(header.partition, 'utf8');
  if (partition.length > 255) throw new RangeError(`partition id longer than 255 bytes: ${header.partition}`);
  const bytes = Buffer.alloc(headerBytesMin + partition.length);
  packMagic.copy(bytes);
  bytes.writeUInt16BE(packFormat, 8);
  bytes.writeUInt16BE(bytes.length, 10);
  writeId(bytes, header.pack, 12);
  bytes.writeBigUInt64BE(BigInt(header.createdMs), 28);
  bytes.writeUInt16BE(partition.length, 36);
  partition.copy(bytes, 38);
  bytes.writeUInt32BE(crc32c(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

/** What stands wrong in the first 12 bytes, and how long the header is. */
export function headerLength(bytes: Buffer): number | { damaged: string } {
  if (!bytes.subarray(0, 8).equals(packMagic)) return { damaged: 'not a pack: wrong magic' };
  const format = bytes.readUInt16BE(8);
  if (format !== packFormat) return { damaged: `pack format ${format} is not known` };
  const length = bytes.readUInt16BE(10);
  if (length < headerBytesMin || length > headerBytesMax) return { damaged: `header length ${length}` };
  return length;
}

/** `bytes` is the whole header. */
export function decodeHeader(bytes: Buffer): PackHeader | { damaged: string } {
  if (crc32c(bytes.subarray(0, -4)) !== bytes.readUInt32BE(bytes.length - 4)) return { damaged: 'header CRC' };
  if (bytes.readUInt16BE(36) !== bytes.length - headerBytesMin) return { damaged: 'header length' };
  return {
    pack: readId(bytes, 12),
    createdMs: Number(bytes.readBigUInt64BE(28)),
    partition: bytes.toString('utf8', 38, bytes.length - 4),
  };
}

export function writeId(bytes: Buffer, id: string, offset: number): void {
  if (!isId(id)) throw new RangeError(`not an id of 32 hex digits: ${id}`);
  bytes.write(id, offset, 16, 'hex');
}

export const readId = (bytes: Buffer, offset: number): string => bytes.toString('hex', offset, offset + 16);
