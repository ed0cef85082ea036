// The partitions as somebody who places echoes sees them: as configured, as they do now, and whether they have room.
import type { Config, PartitionConfig } from '../config/config.ts';
import type { Neighbour } from '../echo/echo.ts';
import type { PartitionId } from '../model/ids.ts';
import type { OpenBlockStore } from '../objects/open-block-store.ts';
import type { SeatMap } from '../objects/seats.ts';
import type { PartitionHealth } from '../partition/health.ts';
import type { SpaceWatch } from './watch-space.ts';

export interface NeighbourTools {
  readonly config: Pick<Config, 'partitions'>;
  readonly seats: SeatMap;
  /** Of the disk of the catalog. */
  readonly space: Pick<SpaceWatch, 'hasRoom'>;
  readonly blocks: Pick<OpenBlockStore, 'roomy'>;
}

export function neighboursOf({ config, seats, space, blocks }: NeighbourTools): () => Promise<readonly Neighbour[]> {
  return async () => {
    const roomy = (await space.hasRoom()) ? await blocks.roomy() : [];
    return config.partitions.map((each) => neighbourOf(each, seats.get(each.id)?.health, roomy));
  };
}

function neighbourOf(
  { id, failureDomain, capacityDomain }: PartitionConfig,
  health: PartitionHealth | undefined,
  roomy: readonly PartitionId[],
): Neighbour {
  const state = health?.state ?? 'down';
  const idle = health === undefined ? 0 : Math.max(0, 1 - health.inFlight / health.limit);
  return {
    partition: id,
    failureDomain,
    capacityDomain,
    isWilling: state !== 'down' && roomy.includes(id),
    headroom: state === 'up' ? idle : idle * strugglingPart,
    latencyMs: health?.usualMs ?? Number.NaN,
  };
}

const strugglingPart = 0.25;
