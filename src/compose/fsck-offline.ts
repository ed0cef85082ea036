// fsck over a data directory that nobody serves.
import { systemRandom } from '../base/random.ts';
import type { Config } from '../config/config.ts';
import { type FsckOptions, type FsckReport, runFsck } from '../upkeep/fsck.ts';
import { catalogFolder } from './catalog-place.ts';
import { openOffline } from './offline.ts';

export { brokenIn, type CheckResult, type FsckReport } from '../upkeep/fsck.ts';
export { hasCatalog } from './offline.ts';

export async function fsckOffline(config: Config, nowMs: number, options: FsckOptions): Promise<FsckReport> {
  const place = await openOffline(config, 'by the catalog');
  try {
    const { partitions } = place;
    return await runFsck({ catalog: place.catalog(catalogFolder), partitions, random: systemRandom, nowMs }, options);
  } finally {
    await place.close();
  }
}
