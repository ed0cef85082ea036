// Brings the echoes of one block to what an operator pinned: those that are there are kept, missing ones are made whatever the budget says, and
// those beyond the count go, the misplaced first.
import type { BlockRow } from '../../model/block.ts';
import type { Echo } from '../../model/echo.ts';
import type { BlockId, PartitionId } from '../../model/ids.ts';
import { type Neighbour, placeEchoes } from '../echo.ts';
import { type DropDeps, dropEcho } from './drop-echo.ts';
import { type MakeDeps, makeEchoes } from './make-echoes.ts';

export interface PinDeps extends MakeDeps, DropDeps {
  readonly map: MakeDeps['map'];
  /** What lies on that partition can be read. */
  readonly isThere: (partition: PartitionId) => boolean;
  readonly onDropped: (echo: Echo) => void;
}

export interface PinnedBlock {
  /** Where its echoes are now. */
  readonly partitions: readonly PartitionId[];
  readonly made: number;
  readonly dropped: number;
  /** How many partitions could have one at all. */
  readonly placesMax: number;
}

/**
 * `surplus`: whether echoes go that nobody pinned; upkeep leaves those to the crowd that made them. Rejects when one could not be made; what was
 * done before stands.
 */
export async function pinBlock(
  deps: PinDeps,
  block: BlockId,
  row: BlockRow,
  { count, surplus }: { readonly count: number; readonly surplus: 'all' | 'pinned' },
): Promise<PinnedBlock> {
  const { map, isThere } = deps;
  const known = await map.of(block);
  const neighbours = (await deps.neighbours()).map((each) => keeping(each, known, isThere));
  const holders = known.map(({ partition }) => partition);
  const places = placeEchoes(block, row.partition, neighbours, holders, count);
  for (const echo of known) {
    // What is being filled is its filler's.
    if (echo.isPinned || echo.state === 'filling' || !places.includes(echo.partition)) continue;
    await map.change(echo, echo, { ...echo, isPinned: true });
  }
  const wish = { count, isPinned: true };
  const own = { ...deps, neighbours: async () => neighbours, room: () => true };
  const made = count === 0 ? 0 : await makeEchoes(own, block, row, wish);
  const dropped = await dropSurplus(deps, block, places, { count, surplus });
  const left = (await map.of(block)).filter(({ isPinned }) => isPinned);
  return { partitions: left.map(({ partition }) => partition), made, dropped, placesMax: places.length };
}

/** A partition that takes no more keeps what it has. */
function keeping(each: Neighbour, known: readonly Echo[], isThere: (partition: PartitionId) => boolean): Neighbour {
  const has = known.some(({ partition, state }) => partition === each.partition && state !== 'filling');
  return has && isThere(each.partition) ? { ...each, isWilling: true } : each;
}

async function dropSurplus(
  deps: PinDeps,
  block: BlockId,
  places: readonly PartitionId[],
  { count, surplus }: { readonly count: number; readonly surplus: 'all' | 'pinned' },
): Promise<number> {
  const ours = (await deps.map.of(block)).filter(({ isPinned }) => isPinned || surplus === 'all');
  const misplaced = ours.filter(({ partition }) => !places.includes(partition));
  let dropped = 0;
  // One that lies badly is better than one fewer.
  for (const echo of misplaced.slice(0, Math.max(0, ours.length - count))) {
    if (!(await dropEcho(deps, echo))) continue;
    dropped += 1;
    deps.onDropped(echo);
  }
  return dropped;
}
