// The directories and buckets of pools: made, looked for and removed.
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { MadePartition } from '../catalog/records/partition.ts';
import { type Config, memberOf, type PartitionConfig } from '../config/config.ts';
import type { PartitionId } from '../model/ids.ts';
import { errorCode } from '../partition/adapters/directory-faults.ts';
import { markerName, readMarker } from '../partition/adapters/directory-marker.ts';
import { systemFileLayer } from '../partition/adapters/file-layer.ts';
import { removeDirectory } from '../partition/adapters/remove-directory.ts';
import type { Partition } from '../partition/partition.ts';
import { placeOf } from './live-partitions.ts';
import { mount, openBucket } from './open-partitions.ts';

export interface PlaceTools {
  readonly clock: Clock;
  readonly random: Random;
}

type Place = Omit<PartitionConfig, 'duty'>;

/** Made where it is missing, and claimed. */
export const makePlace = (place: Place, tools: PlaceTools): Promise<Partition> => mount(place, tools);

/** Undefined: it is gone; else what is in the way. */
export async function removePlace({ id, directory, s3 }: Place, tools: PlaceTools): Promise<string | undefined> {
  if (directory !== undefined) return await removeDirectory(directory, id);
  if (s3 === undefined) return 'its pool does not stand in the configuration any more';
  const bucket = await openBucket(id, s3, tools);
  try {
    return await bucket.removeBucket();
  } finally {
    await bucket.close();
  }
}

/** True also where nobody can say: whoever wants it is told then. */
async function isThere({ id, directory, s3 }: Place, tools: PlaceTools): Promise<boolean> {
  if (directory !== undefined) {
    return await readMarker(systemFileLayer, join(directory, markerName)).then(
      (owner) => owner === id,
      (error) => errorCode(error) !== 'ENOTDIR',
    );
  }
  if (s3 === undefined) return false;
  const bucket = await openBucket(id, s3, tools);
  try {
    return await bucket.isClaimed().catch(() => true);
  } finally {
    await bucket.close();
  }
}

/** What the n-th partition of a pool is, as its row says it. */
export function madeBy(pool: Config['pools'][number], number: number): { id: PartitionId; made: MadePartition } {
  const { id, directory, s3, capacityDomain, failureDomain } = memberOf(pool, number);
  const place = directory === undefined ? { bucket: s3!.bucket } : { directory };
  return { id, made: { pool: pool.name, number, place, capacityDomain, failureDomain } };
}

/** Where the catalog is lost: whatever the pools may have made, and is there. */
export async function foundPlaces(
  { pools }: Pick<Config, 'pools'>,
  tools: PlaceTools,
): Promise<{ id: PartitionId; made: MadePartition }[]> {
  const all = pools.flatMap((pool) => Array.from({ length: pool.max }, (_, at) => [pool, at + 1] as const));
  const found = await Promise.all(
    all.map(async ([pool, n]) => ((await isThere(memberOf(pool, n), tools)) ? [madeBy(pool, n)] : [])),
  );
  return found.flat();
}

/** Those that can be reached. */
export async function openFound(config: Pick<Config, 'pools'>, tools: PlaceTools): Promise<Partition[]> {
  const opened = (await foundPlaces(config, tools)).map(async ({ id, made }) => {
    const place = placeOf(config, id, made);
    return place === undefined ? [] : [await mount(place, { ...tools, make: false })];
  });
  return (await Promise.allSettled(opened)).flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
}
