// Rows `part` (of a running upload) and `manifestPart` (of a finished one): the same codec.
import type { PartRow } from '../../model/object.ts';
import { etagFormOf, readEtagRest, writeEtagHead, writeEtagRest } from './etag-fields.ts';
import { readBlocks, readChecksums, writeBlocks, writeChecksums } from './object-fields.ts';
import { decodeRecord, encodeRecord } from './record.ts';

const format = 1;

// Flags: ETag form in bits 0–1.
const manifestFlag = 0x04;
const blocksFlag = 0x08;

export const encodePart = (part: PartRow): Buffer =>
  encodeRecord(format, (to) => {
    const form = etagFormOf(part.etag);
    to.byte(form + (part.manifest === undefined ? 0 : manifestFlag) + (part.blocks === undefined ? 0 : blocksFlag));
    writeEtagHead(to, part.etag, form);
    writeEtagRest(to, part.etag, form);
    to.count(part.partNumber);
    to.count(part.size);
    to.count(part.modifiedMs);
    writeChecksums(to, part.checksums);
    if (part.manifest !== undefined) to.id(part.manifest);
    if (part.blocks !== undefined) writeBlocks(to, part.blocks);
  });

export const decodePart = (value: Buffer): PartRow =>
  decodeRecord('part', format, value, (from) => {
    const flags = from.byte();
    const etag = readEtagRest(from, from.id(), flags & 3);
    return {
      etag,
      partNumber: from.count(),
      size: from.count(),
      modifiedMs: from.count(),
      checksums: readChecksums(from),
      ...(flags & manifestFlag ? { manifest: from.id() } : undefined),
      ...(flags & blocksFlag ? { blocks: readBlocks(from) } : undefined),
    };
  });
