// Tops up the spare pages in the catalog's file while there is disk to take them from: on a disk that somebody else has
// filled, deletes and upkeep go on with them until there is room again.
import { statfs } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { MiB, secondMs } from '../base/units.ts';
import type { LmdbCatalog } from '../catalog/adapters/lmdb-catalog.ts';

const spareBytes = 16 * MiB;
const lookEveryMs = 10 * secondMs;

export interface SpareOptions {
  readonly catalog: Pick<LmdbCatalog, 'keepSpare'>;
  /** On the catalog's disk. */
  readonly path: string;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly freeBytes?: (path: string) => Promise<number>;
}

/** Looks at once and then again and again until stopped. */
export function keepSparePages({ catalog, path, clock, freeBytes = freeOf }: SpareOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const look = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // A commit that finds no room ends the process: nothing is tried that may not fit.
      if ((await freeBytes(path)) > 4 * spareBytes) await catalog.keepSpare(spareBytes);
      await clock.sleep(lookEveryMs, stopping.signal).catch(() => {});
    }
  };
  const running = look().catch(() => {}); // a broken catalog has ended the process already
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function freeOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
