// Holds reading down to a rate: whoever is ahead of it waits.
import type { Clock } from '../../base/clock.ts';
import { secondMs } from '../../base/units.ts';

/** Without a rate nobody waits. */
export function createPace(clock: Pick<Clock, 'monotonicMs' | 'sleep'>, bytesPerSec: number | undefined) {
  if (bytesPerSec === undefined) return async (): Promise<void> => {};
  const startedMs = clock.monotonicMs();
  let bytes = 0;
  return async (more: number): Promise<void> => {
    bytes += more;
    const aheadMs = (bytes / bytesPerSec) * secondMs - (clock.monotonicMs() - startedMs);
    if (aheadMs > 10) await clock.sleep(aheadMs);
  };
}
