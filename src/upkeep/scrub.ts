// scrub, front door: reads every slice of every block against its CRC, tells which objects a damaged one belongs to, and mends it where
// another copy is good.
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { currentRun } from '../objects/runs.ts';
import type { SeatMap } from '../objects/seats.ts';
import { PackCopies } from './scrub/other-copies.ts';
import { createPace } from './scrub/pace.ts';
import {
  beginRound,
  type DamagedBlock,
  readRound,
  type ScrubDeps,
  type ScrubRound,
  scrubPiece,
} from './scrub/scrub-run.ts';
import { wantCheckpoint } from './want-checkpoint.ts';

export type { DamagedBlock, ScrubRound } from './scrub/scrub-run.ts';

export interface ScrubOptions {
  /** Nobody else may write to it meanwhile. */
  readonly catalog: Catalog;
  readonly partitions: SeatMap;
  readonly clock: Clock;
  readonly random: Random;
  readonly bytesPerSec?: number;
  /** From the start, also where a round was broken off. */
  readonly anew?: boolean;
  readonly onProgress?: (round: ScrubRound) => void;
  readonly signal?: AbortSignal;
}

export interface ScrubReport {
  readonly round: ScrubRound;
  readonly damaged: readonly DamagedBlock[];
  /** It goes on where an earlier one was broken off. */
  readonly resumed: boolean;
}

const pieceBlocks = 2000;

/** A whole round, or what an abort leaves of it: the next one goes on from there. */
export async function runScrub(options: ScrubOptions): Promise<ScrubReport> {
  const { catalog, partitions, clock, random, signal } = options;
  const deps: ScrubDeps = {
    catalog,
    commit: (change) => catalog.commit(change),
    partitions,
    random,
    nowMs: () => clock.wallMs(),
    copies: new PackCopies(partitions),
    pace: createPace(clock, options.bytesPerSec),
  };
  const before = options.anew ? undefined : await readRound(catalog);
  const resumed = before !== undefined && before.endedMs === undefined;
  let round = resumed ? before : beginRound(clock.wallMs());
  const damaged: DamagedBlock[] = [];
  while (round.endedMs === undefined && !signal?.aborted) {
    const piece = await scrubPiece(deps, round, pieceBlocks);
    round = piece.round;
    damaged.push(...piece.damaged);
    options.onProgress?.(round);
  }
  if (damaged.some(({ mended }) => mended)) {
    const run = await currentRun(catalog);
    await wantCheckpoint(catalog, { reason: 'scrub mended blocks', run, wallMs: clock.wallMs() });
  }
  return { round, damaged, resumed };
}
