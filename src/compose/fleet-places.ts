// The partitions as the pilot plans with them: as configured, whether they are there, and how much more they can hold.
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import type { Seat, SeatMap } from '../objects/seats.ts';
import type { PartitionPlace } from '../pilot/pilot.ts';
import { readUsage } from '../upkeep/folder.ts';
import type { LivePartition } from './live-partitions.ts';

export interface PlacesTools {
  readonly catalog: Catalog;
  readonly seats: SeatMap;
  /** Free bytes that nobody may take. */
  readonly reserveBytes: number;
}

export async function fleetPlaces(
  { catalog, seats, reserveBytes }: PlacesTools,
  partitions: readonly LivePartition[],
): Promise<PartitionPlace[]> {
  return await Promise.all(
    partitions.map(async ({ id, capacityDomain, failureDomain, duty, capacityBytes, latencyTargetMs, pool, by }) => {
      const seat = seats.get(id);
      const isUp = (seat?.health?.state ?? 'down') !== 'down';
      const { bytes } = await readUsage(catalog, keys.usage('partition', id));
      const left = capacityBytes === undefined ? Number.POSITIVE_INFINITY : capacityBytes - bytes;
      const freeBytes = Math.max(0, Math.min(left, (await freeOf(seat)) - reserveBytes));
      return { id, capacityDomain, failureDomain, duty, isUp, freeBytes, latencyTargetMs, pool, by };
    }),
  );
}

/** None where it cannot be asked. */
async function freeOf(seat: Seat | undefined): Promise<number> {
  try {
    return (await seat?.partition.stat())?.freeBytes ?? 0;
  } catch {
    return 0;
  }
}
