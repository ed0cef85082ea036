// A data directory that nobody serves, for commands that work on it directly: under the supervisor's lock, with partitions that are
// only looked for, never made (one that is not mounted must not look empty).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { type LmdbCatalog, openLmdbCatalog } from '../catalog/adapters/lmdb-catalog.ts';
import type { Config } from '../config/config.ts';
import { acquireLock } from '../main/lock.ts';
import type { SeatMap } from '../objects/seats.ts';
import { createLogger } from '../telemetry/telemetry.ts';
import { catalogAt, catalogFolder } from './catalog-place.ts';
import { openPartitions } from './open-partitions.ts';

export interface Offline {
  readonly partitions: SeatMap;
  /** Opens the catalog at a folder of the data directory; closed with the rest. */
  catalog(folder: string): LmdbCatalog;
  close(): Promise<void>;
}

export const hasCatalog = (config: Config): boolean => existsSync(join(config.data, catalogFolder, 'data.mdb'));

/** Throws DataInUse where a server runs. */
export async function openOffline(config: Config): Promise<Offline> {
  const lock = acquireLock(config.data);
  try {
    const partitions = await openPartitions(config.partitions, {
      clock: systemClock,
      random: systemRandom,
      log: createLogger({ level: 'silent', role: 'offline' }),
      recorder: { note() {} },
      make: false,
    });
    const opened: LmdbCatalog[] = [];
    return {
      partitions: partitions.seats,
      catalog(folder) {
        const catalog = openLmdbCatalog(catalogAt(config, folder));
        opened.push(catalog);
        return catalog;
      },
      async close() {
        for (const catalog of opened) await catalog.close();
        await partitions.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
