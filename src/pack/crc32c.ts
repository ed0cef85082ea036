// CRC32C (Castagnoli) of bytes, continued from an earlier value: the one checksum of the pack format.
import { crc32c as native } from '@node-rs/crc32';

export const crc32c = (bytes: Uint8Array, before = 0): number => native(bytes, before);
