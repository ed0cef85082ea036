// Row `dropped`: bytes that lost their last reference, for the collector to walk in bounded steps.
import type { BlockRef } from '../../model/block.ts';
import type { ManifestId } from '../../model/ids.ts';
import { readBlocks, writeBlocks } from './object-fields.ts';
import { decodeRecord, encodeRecord, readOptional, writeOptional } from './record.ts';

const format = 1;

export interface DroppedRow {
  /** Its manifest and part rows are to be walked. */
  readonly manifest?: ManifestId;
  /** Blocks that stood inline. */
  readonly blocks?: readonly BlockRef[];
}

export const encodeDropped = (dropped: DroppedRow): Buffer =>
  encodeRecord(format, (to) => {
    writeOptional(to, dropped.manifest, (manifest) => to.id(manifest));
    writeOptional(to, dropped.blocks, (blocks) => writeBlocks(to, blocks));
  });

export const decodeDropped = (value: Buffer): DroppedRow =>
  decodeRecord('dropped', format, value, (from) => {
    const manifest = readOptional(from, () => from.id());
    const blocks = readOptional(from, () => readBlocks(from));
    return {
      ...(manifest === undefined ? undefined : { manifest }),
      ...(blocks === undefined ? undefined : { blocks }),
    };
  });
