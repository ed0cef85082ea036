// Row `manifest`: one chunk of the list of an object's bytes. Entries are blocks, other manifests (parts), or short block lists.
import type { BlockRef } from '../../model/block.ts';
import type { ManifestId } from '../../model/ids.ts';
import { readBlocks, writeBlocks } from './object-fields.ts';
import { decodeRecord, encodeRecord, readList, writeList } from './record.ts';

const format = 1;

export type ManifestEntry =
  | { readonly kind: 'block'; readonly block: BlockRef }
  | { readonly kind: 'manifest'; readonly manifest: ManifestId; readonly length: number }
  /** The blocks of a part that had no manifest rows; `manifest` is the id that names them for reference counts. */
  | { readonly kind: 'inline'; readonly manifest?: ManifestId; readonly blocks: readonly BlockRef[] };

export interface ManifestChunk {
  readonly entries: readonly ManifestEntry[];
}

export const manifestEntryLength = (entry: ManifestEntry): number => {
  if (entry.kind === 'block') return entry.block.length;
  if (entry.kind === 'manifest') return entry.length;
  return entry.blocks.reduce((sum, block) => sum + block.length, 0);
};

const blockCode = 0;
const manifestCode = 1;
const inlineCode = 2;
const namedInlineCode = 3;

export const encodeManifestChunk = (chunk: ManifestChunk): Buffer =>
  encodeRecord(format, (to) =>
    writeList(to, chunk.entries, (entry) => {
      if (entry.kind === 'block') {
        to.byte(blockCode);
        to.id(entry.block.id);
        to.count(entry.block.length);
      } else if (entry.kind === 'manifest') {
        to.byte(manifestCode);
        to.id(entry.manifest);
        to.count(entry.length);
      } else {
        to.byte(entry.manifest === undefined ? inlineCode : namedInlineCode);
        if (entry.manifest !== undefined) to.id(entry.manifest);
        writeBlocks(to, entry.blocks);
      }
    }),
  );

export const decodeManifestChunk = (value: Buffer): ManifestChunk =>
  decodeRecord('manifest', format, value, (from) => ({
    entries: readList(from, (): ManifestEntry => {
      const code = from.byte();
      if (code === blockCode) return { kind: 'block', block: { id: from.id(), length: from.count() } };
      if (code === manifestCode) return { kind: 'manifest', manifest: from.id(), length: from.count() };
      if (code === inlineCode) return { kind: 'inline', blocks: readBlocks(from) };
      if (code === namedInlineCode) return { kind: 'inline', manifest: from.id(), blocks: readBlocks(from) };
      throw new RangeError(`no manifest entry ${code}`);
    }),
  }));
