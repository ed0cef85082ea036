// A data directory that nobody serves, for commands that work on it directly: under the supervisor's lock, with partitions that are
// only looked for, never made (one that is not mounted must not look empty).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { type LmdbCatalog, openLmdbCatalog } from '../catalog/adapters/lmdb-catalog.ts';
import type { Catalog, Row } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { encodePartition, type MadePartition } from '../catalog/records/partition.ts';
import type { Config } from '../config/config.ts';
import { acquireLock } from '../main/lock.ts';
import type { PartitionId } from '../model/ids.ts';
import type { SeatMap } from '../objects/seats.ts';
import { createLogger } from '../telemetry/telemetry.ts';
import { catalogAt, catalogFolder } from './catalog-place.ts';
import { LivingPartitions } from './living-partitions.ts';
import { foundPlaces } from './places.ts';

export interface Offline {
  readonly partitions: SeatMap;
  /** Made by pools, and not known from a catalog. */
  readonly found: readonly { readonly id: PartitionId; readonly made: MadePartition }[];
  /** Opens the catalog at a folder of the data directory; closed with the rest. */
  catalog(folder: string): LmdbCatalog;
  close(): Promise<void>;
}

export const hasCatalog = (config: Config): boolean => existsSync(join(config.data, catalogFolder, 'data.mdb'));

/**
 * Throws DataInUse where a server runs. `made`: which partitions there are besides those of the configuration, from the catalog, or, where that is
 * lost, from what lies where pools make them.
 */
export async function openOffline(config: Config, made: 'by the catalog' | 'as found'): Promise<Offline> {
  const lock = acquireLock(config.data);
  const opened = new Map<string, LmdbCatalog>();
  const catalog = (folder: string): LmdbCatalog => {
    const known = opened.get(folder) ?? openLmdbCatalog(catalogAt(config, folder));
    opened.set(folder, known);
    return known;
  };
  const tools = { clock: systemClock, random: systemRandom };
  try {
    const found = made === 'as found' ? await foundPlaces(config, tools) : [];
    const partitions = await LivingPartitions.open({
      ...tools,
      config,
      catalog: made === 'as found' ? rowsOf(found) : catalog(catalogFolder),
      log: createLogger({ level: 'silent', role: 'offline' }),
      recorder: { note() {} },
      make: false,
    });
    return {
      partitions: partitions.seats,
      found,
      catalog,
      async close() {
        await partitions.close();
        for (const each of opened.values()) await each.close();
        lock.release();
      },
    };
  } catch (error) {
    for (const each of opened.values()) await each.close();
    lock.release();
    throw error;
  }
}

function rowsOf(found: Offline['found']): Pick<Catalog, 'get' | 'range'> {
  const rows = found.map(({ id, made }): Row => {
    const value = encodePartition({ duty: 'online', sinceMs: 0, made });
    return { key: keys.partition(id), value, version: 1 };
  });
  return { get: () => undefined, range: () => rows };
}
