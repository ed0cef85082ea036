// The list of an object's blocks: inside the version row while it is short, else in manifest rows keyed by object offset, so that
// a read of any range starts at one look-up. Long parts of a multipart upload are named by their own manifests.

import { caps } from '../base/caps.ts';
import { Fault } from '../base/fault.ts';
import { type Random, randomId } from '../base/random.ts';
import type { ByteRange } from '../base/range.ts';
import { intersect } from '../base/range.ts';
import type { Catalog, Row, Write } from '../catalog/catalog.ts';
import { keys, numberAtEnd, prefixEnd } from '../catalog/keys.ts';
import {
  decodeManifestChunk,
  encodeManifestChunk,
  type ManifestEntry,
  manifestEntryLength,
} from '../catalog/records/manifest.ts';
import type { BlockRef } from '../model/block.ts';
import type { ManifestId } from '../model/ids.ts';

/** How a version or part row names its bytes. */
export interface Bytes {
  readonly manifest?: ManifestId;
  readonly blocks?: readonly BlockRef[];
}

/** A run of blocks and the range of their joined bytes that is wanted. */
export interface Segment {
  readonly blocks: readonly BlockRef[];
  readonly range: ByteRange;
}

const chunkBlocksMax = 1024;

/** Names the bytes of a new object or part; `writes` belong into the commit that publishes it. */
export function nameBytes(random: Random, blocks: readonly BlockRef[]): { bytes: Bytes; writes: readonly Write[] } {
  if (blocks.length === 0) return { bytes: {}, writes: [] };
  const manifest = randomId(random);
  if (blocks.length <= caps.inlineBlocksMax) return { bytes: { manifest, blocks }, writes: [] };
  const entries = blocks.map((block) => ({ kind: 'block', block }) as const);
  return { bytes: { manifest }, writes: manifestRows(manifest, entries) };
}

/** The rows of a manifest, cut so that each holds at most 1,024 blocks. */
export function manifestRows(manifest: ManifestId, entries: Iterable<ManifestEntry>): Write[] {
  const rows: Write[] = [];
  let chunk: ManifestEntry[] = [];
  let chunkBlocks = 0;
  let chunkOffset = 0;
  let offset = 0;
  const close = (): void => {
    if (chunk.length > 0) rows.push([keys.manifest(manifest, chunkOffset), encodeManifestChunk({ entries: chunk })]);
    chunk = [];
    chunkBlocks = 0;
    chunkOffset = offset;
  };
  for (const entry of entries) {
    const blocks = entry.kind === 'inline' ? entry.blocks.length : 1;
    if (chunkBlocks + blocks > chunkBlocksMax) close();
    chunk.push(entry);
    chunkBlocks += blocks;
    offset += manifestEntryLength(entry);
  }
  close();
  return rows;
}

/** The runs of blocks that hold `range`, in order. */
export async function* segmentsOf(catalog: Catalog, bytes: Bytes, range: ByteRange): AsyncGenerator<Segment> {
  if (range.start >= range.end) return;
  if (bytes.blocks !== undefined) yield { blocks: bytes.blocks, range };
  else if (bytes.manifest !== undefined) yield* manifestSegments(catalog, bytes.manifest, range);
}

async function* manifestSegments(catalog: Catalog, manifest: ManifestId, range: ByteRange): AsyncGenerator<Segment> {
  const end = prefixEnd(keys.manifestsOf(manifest));
  let [row] = await catalog.range(keys.manifest(manifest, 0), keys.manifest(manifest, range.start + 1), {
    reverse: true,
    limit: 1,
  });
  let reached = range.start;
  while (row !== undefined && reached < range.end) {
    const { offset, entries } = chunkOf(row);
    reached = offset;
    let run: { blocks: BlockRef[]; length: number; range: ByteRange } | undefined;
    for (const entry of entries) {
      const length = manifestEntryLength(entry);
      const wanted = intersect(range, reached, length);
      reached += length;
      if (wanted === undefined) continue;
      if (entry.kind === 'manifest') {
        if (run !== undefined) yield run;
        run = undefined;
        yield* manifestSegments(catalog, entry.manifest, wanted);
      } else {
        run ??= { blocks: [], length: 0, range: wanted };
        run.range = { start: run.range.start, end: run.length + wanted.end };
        run.length += length;
        run.blocks.push(...(entry.kind === 'block' ? [entry.block] : entry.blocks));
      }
    }
    if (run !== undefined) yield run;
    [row] = await catalog.range(keys.manifest(manifest, reached), end, { limit: 1 });
  }
  if (reached < range.end) {
    throw new Fault({ kind: 'catalog-failed', message: `manifest ${manifest} ends at ${reached}, not ${range.end}` });
  }
}

const chunkOf = (row: Row) => ({ offset: numberAtEnd(row.key, 8), ...decodeManifestChunk(row.value) });
