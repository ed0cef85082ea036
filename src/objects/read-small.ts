// The short way for small reads: synchronous, straight from page cache, no stream. Whatever is not plain and right at once
// says undefined, and the caller takes the long way, which knows how to wait, to look again and to complain.
import { caps } from '../base/caps.ts';
import type { ByteRange } from '../base/range.ts';
import { keys } from '../catalog/keys.ts';
import { decodeBlock } from '../catalog/records/block.ts';
import type { BlockRef } from '../model/block.ts';
import { crc32c } from '../pack/pack.ts';
import { piecesOf, type ReadDeps } from './read-blocks.ts';
import { sliceRange } from './verify-slices.ts';

export function readSmall(deps: ReadDeps, blocks: readonly BlockRef[], range: ByteRange): Buffer | undefined {
  if (range.end - range.start > caps.sliceBytes) return undefined;
  const [piece, ...more] = piecesOf(blocks, range);
  if (piece === undefined || more.length > 0) return undefined;
  const found = deps.catalog.get(keys.block(piece.id));
  if (found === undefined || found instanceof Promise) return undefined;
  const row = decodeBlock(found.value);
  const partition = deps.partition(row.partition);
  if (partition?.readSmall === undefined) return undefined;

  const slices = sliceRange(row, piece.range);
  const bytes = Buffer.allocUnsafe(slices.end - slices.start);
  for (let at = slices.start; at < slices.end; at += caps.sliceBytes) {
    const end = Math.min(at + caps.sliceBytes, slices.end);
    const slice = bytes.subarray(at - slices.start, end - slices.start);
    if (partition.readSmall(row.pack, row.offset + at, slice.length, slice) !== slice.length) return undefined;
    if (crc32c(slice) !== row.sliceCrcs[at / caps.sliceBytes]) return undefined;
  }
  deps.demand?.read(row.area, row.partition, piece.id, range.end - range.start);
  return bytes.subarray(piece.range.start - slices.start, piece.range.end - slices.start);
}
