// scrub over a data directory that nobody serves.
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import type { Config } from '../config/config.ts';
import { runScrub, type ScrubOptions, type ScrubReport } from '../upkeep/scrub.ts';
import { catalogFolder } from './catalog-place.ts';
import { openOffline } from './offline.ts';

export type { DamagedBlock, ScrubReport, ScrubRound } from '../upkeep/scrub.ts';
export { hasCatalog } from './offline.ts';

export type ScrubWishes = Pick<ScrubOptions, 'bytesPerSec' | 'anew' | 'onProgress' | 'signal'>;

export async function scrubOffline(config: Config, wishes: ScrubWishes): Promise<ScrubReport> {
  const place = await openOffline(config, 'by the catalog');
  try {
    const catalog = place.catalog(catalogFolder);
    return await runScrub({
      ...wishes,
      catalog,
      partitions: place.partitions,
      clock: systemClock,
      random: systemRandom,
    });
  } finally {
    await place.close();
  }
}
