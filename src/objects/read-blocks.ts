// Bytes of a range over several blocks. Each block's location is looked up when its turn comes, and once more when its pack is
// gone or its bytes are wrong, because compaction may have moved it meanwhile. Where there are echoes, a copy that fails is followed by the
// next one, from the byte that was reached. Wrong bytes are never let through.
import { Fault, isFault } from '../base/fault.ts';
import { type ByteRange, intersect } from '../base/range.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeBlock } from '../catalog/records/block.ts';
import type { BlockRef, BlockRow } from '../model/block.ts';
import type { BlockId, PartitionId } from '../model/ids.ts';
import type { Partition } from '../partition/partition.ts';
import type { DemandRecorder } from '../telemetry/telemetry.ts';
import type { ReadAbout } from './block-store.ts';
import { type Copies, type CopyPlace, isNotThere } from './copies.ts';
import type { Origin, SharedReads } from './shared-reads.ts';
import { SliceVerifier, sliceRange } from './verify-slices.ts';

export interface ReadDeps {
  readonly catalog: Catalog;
  readonly partition: (id: PartitionId) => Partition | undefined;
  /** Which copies there are, in order of trial; without it there is the primary alone. */
  readonly copies?: Pick<Copies, 'inTurn'>;
  /** Identical reads at once are one. */
  readonly shared?: SharedReads;
  /** Told of every block that is wanted, once, however often it has to be looked for. */
  readonly demand?: DemandRecorder;
}

export interface WantedPiece {
  readonly id: BlockId;
  /** Of the block. */
  readonly range: ByteRange;
}

/** What of which block `range` of the concatenated blocks asks for. */
export function piecesOf(blocks: readonly BlockRef[], range: ByteRange): WantedPiece[] {
  const pieces: WantedPiece[] = [];
  let offset = 0;
  for (const { id, length } of blocks) {
    if (offset >= range.end) break;
    const inside = intersect(range, offset, length);
    if (inside !== undefined) pieces.push({ id, range: inside });
    offset += length;
  }
  return pieces;
}

/** The next block is opened, one chunk deep, while the one before it streams. */
export async function* readBlocks(
  deps: ReadDeps,
  pieces: readonly WantedPiece[],
  signal?: AbortSignal,
  about?: ReadAbout,
): AsyncGenerator<Buffer, void> {
  let ahead = pieces[0] && openPiece(deps, pieces[0], signal, about);
  try {
    for (let turn = 0; ahead !== undefined; turn++) {
      const { bytes, first } = ahead;
      let step = await first;
      const next = pieces[turn + 1];
      ahead = next && openPiece(deps, next, signal, about);
      try {
        for (; !step.done; step = await bytes.next()) yield step.value;
      } finally {
        await bytes.return();
      }
    }
  } finally {
    await ahead?.bytes.return();
  }
}

interface OpenPiece {
  readonly bytes: AsyncGenerator<Buffer, void>;
  readonly first: Promise<IteratorResult<Buffer, void>>;
}

function openPiece(
  deps: ReadDeps,
  piece: WantedPiece,
  signal: AbortSignal | undefined,
  about: ReadAbout | undefined,
): OpenPiece {
  const bytes = readPiece(deps, piece, signal, about);
  const first = bytes.next();
  first.catch(() => {}); // told when its turn comes
  return { bytes, first };
}

/** Like readBlocks, of one block. */
export function readPiece(
  deps: ReadDeps,
  piece: WantedPiece,
  signal?: AbortSignal,
  about?: ReadAbout,
): AsyncGenerator<Buffer, void> {
  const { id, range } = piece;
  if (deps.shared === undefined) return readAlone(deps, piece, signal, about ?? {}, about);
  const name = `${id} ${range.start} ${range.end}`;
  const start = (stop: AbortSignal, origin: Origin) => readAlone(deps, piece, stop, origin, about);
  return deps.shared.read(name, range.end - range.start, start, signal, about);
}

async function* readAlone(
  deps: ReadDeps,
  { id, range }: WantedPiece,
  signal: AbortSignal | undefined,
  origin: Origin,
  about: ReadAbout | undefined,
): AsyncGenerator<Buffer, void> {
  let at = range.start;
  let retried: BlockRow | undefined;
  for (;;) {
    const row = await locate(deps.catalog, id);
    if (retried === undefined) deps.demand?.read(row.area, row.partition, id, range.end - range.start);
    let failure: unknown;
    const places: AsyncIterable<CopyPlace> | Iterable<CopyPlace> = deps.copies?.inTurn(id, row, origin, about) ?? [
      { ...row, copy: 'primary' },
    ];
    for await (const place of places) {
      try {
        for await (const bytes of verifiedBytes(
          deps,
          id,
          { ...row, ...place },
          { start: at, end: range.end },
          signal,
        )) {
          origin.copy ??= place.copy;
          at += bytes.length;
          yield bytes;
        }
        return;
      } catch (error) {
        if (!isNotThere(error) && !isOutOfReach(error)) throw error;
        const isPrimary = place.partition === row.partition;
        if (isPrimary || failure === undefined) failure = error;
        place.failed?.(error);
      }
    }
    // Once at one place; a block that was moved meanwhile deserves a try at the new place.
    if (!isNotThere(failure) || (retried !== undefined && retried.generation === row.generation)) throw failure;
    retried = row;
  }
}

const isOutOfReach = (error: unknown): boolean => isFault(error, 'partition-down') || isFault(error, 'partition-busy');

export async function locate(catalog: Catalog, id: BlockId): Promise<BlockRow> {
  const row = await catalog.get(keys.block(id));
  if (row === undefined) throw new Fault({ kind: 'pack-missing', partition: '*', pack: `of the removed block ${id}` });
  return decodeBlock(row.value);
}

/** `range` of one block at the place that `row` says. */
export async function* verifiedBytes(
  { partition }: Pick<ReadDeps, 'partition'>,
  id: BlockId,
  row: BlockRow,
  range: ByteRange,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, void> {
  const from = partition(row.partition);
  if (from === undefined)
    throw new Fault({ kind: 'partition-down', partition: row.partition, message: 'this partition is not configured' });
  const slices = sliceRange(row, range);
  const verifier = new SliceVerifier(id, row, slices.start);
  const inPack = { start: row.offset + slices.start, end: row.offset + slices.end };
  let position = slices.start;
  for await (const chunk of from.read(row.pack, [inPack], signal)) {
    for (const good of verifier.push(chunk)) {
      const wanted = intersect(range, position, good.length);
      position += good.length;
      if (wanted !== undefined) yield good.subarray(wanted.start, wanted.end);
    }
  }
  verifier.assertDone(slices.end);
}
