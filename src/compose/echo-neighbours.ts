// The partitions as somebody who places echoes sees them: as they are said to be, as they do now, and whether they have room.
import { type Neighbour, neighbourOf } from '../echo/echo.ts';
import type { PartitionId } from '../model/ids.ts';
import type { OpenBlockStore } from '../objects/open-block-store.ts';
import type { LivingPartitions } from './living-partitions.ts';
import type { SpaceWatch } from './watch-space.ts';

export interface NeighbourTools {
  readonly partitions: Pick<LivingPartitions, 'live' | 'seats'>;
  /** Of the disk of the catalog. */
  readonly space: Pick<SpaceWatch, 'hasRoom'>;
  readonly blocks: Pick<OpenBlockStore, 'roomy'>;
  /** Load over capacity where it is known; else this process's own requests tell. */
  readonly pressures?: () => Promise<ReadonlyMap<PartitionId, number>>;
}

export function neighboursOf({
  partitions,
  space,
  blocks,
  pressures,
}: NeighbourTools): () => Promise<readonly Neighbour[]> {
  return async () => {
    const roomy = (await space.hasRoom()) ? await blocks.roomy() : [];
    const known = await pressures?.();
    const { seats } = partitions;
    return partitions.live().map((each) => neighbourOf(each, seats.get(each.id)?.health, roomy, known?.get(each.id)));
  };
}
