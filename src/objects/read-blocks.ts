// Bytes of a range over several blocks: the next block is opened while the one before it streams, and identical reads at once are one.
import { type ByteRange, intersect } from '../base/range.ts';
import type { BlockRef } from '../model/block.ts';
import type { BlockId } from '../model/ids.ts';
import type { ReadAbout } from './block-store.ts';
import { type CopyDeps, readCopies } from './read-copies.ts';
import type { Origin, SharedReads } from './shared-reads.ts';

export interface ReadDeps extends CopyDeps {
  /** Identical reads at once are one. */
  readonly shared?: SharedReads;
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
  if (deps.shared === undefined) return readCopies(deps, piece, signal, about ?? {}, about);
  const name = `${id} ${range.start} ${range.end}`;
  const start = (stop: AbortSignal, origin: Origin) => readCopies(deps, piece, stop, origin, about);
  return deps.shared.read(name, range.end - range.start, start, signal, about);
}
