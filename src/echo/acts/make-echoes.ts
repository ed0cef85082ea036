// Gives a block the echoes that somebody wants it to have: places for those that are missing, a claim on each, its bytes read once for all of them.
// Where an echo is a descriptor alone (`echo.mode: metadata`), an entry of the map is all there is to make.
import type { BlockRow } from '../../model/block.ts';
import type { Echo } from '../../model/echo.ts';
import type { BlockId, PartitionId } from '../../model/ids.ts';
import { type Neighbour, placeEchoes } from '../echo.ts';
import { claimEcho, type FillDeps, fillEcho, readWhole } from './fill-echo.ts';

export interface MakeDeps extends FillDeps {
  /** False: echoes are descriptors. */
  readonly keepsBytes: boolean;
  readonly neighbours: () => Promise<readonly Neighbour[]>;
  /** Room for so many bytes more within the budget; whoever asks takes it. `isFirst`: the block has no echo yet. */
  readonly room: (bytes: number, isFirst: boolean) => boolean;
  readonly onMade: (block: BlockId, partition: PartitionId, bytes: number) => void;
}

export interface EchoWish {
  readonly count: number;
  /** So many with bytes at once and no more; all that are missing when left out. */
  readonly atOnce?: number;
  readonly isPinned: boolean;
  /** It is foreseen that they are wanted until then (ms of steady time). */
  readonly keptUntilMs?: number;
}

/** How many were made. Rejects when one could not be made; those before it stand. */
export async function makeEchoes(deps: MakeDeps, block: BlockId, row: BlockRow, wish: EchoWish): Promise<number> {
  const { map, neighbours, room, onMade, keepsBytes, clock } = deps;
  const { count, atOnce, ...kept } = wish;
  const known = await map.of(block);
  const holders = known.map(({ partition }) => partition);
  const places = placeEchoes(block, row.partition, await neighbours(), holders, count);
  /** What is being filled is told apart by the claim: it may have run out. */
  const isThere = (place: PartitionId): boolean =>
    known.some(({ partition, state }) => partition === place && (state === 'ready' || !keepsBytes));
  let chunks: readonly Buffer[] | undefined;
  let made = 0;
  for (const partition of places.filter((place) => !isThere(place)).slice(0, keepsBytes ? atOnce : undefined)) {
    if (!keepsBytes) {
      const echo: Echo = {
        block,
        partition,
        state: 'descriptor',
        length: row.length,
        sinceMs: clock.steadyMs(),
        ...kept,
      };
      if (!(await map.change(echo, undefined, echo))) continue;
      made += 1;
      onMade(block, partition, 0);
      continue;
    }
    if (!room(row.length, known.length + made === 0)) break;
    const claim = await claimEcho(deps, { block, partition, length: row.length, ...kept });
    if (claim === undefined) continue;
    try {
      chunks ??= await readWhole(deps, block, row.length);
    } catch (error) {
      await map.change(claim, claim, undefined);
      throw error;
    }
    await fillEcho(deps, claim, row, chunks);
    made += 1;
    onMade(block, partition, row.length);
  }
  return made;
}
