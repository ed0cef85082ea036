// One partition that is down must not keep the others from their upkeep: every piece gets its turn, then the first failure
// is told.
import { isFault } from '../base/fault.ts';

export async function eachApart<T>(pieces: Iterable<T>, work: (piece: T) => Promise<void>): Promise<void> {
  let failed: { error: unknown } | undefined;
  for (const piece of pieces) {
    try {
      await work(piece);
    } catch (error) {
      if (isFault(error, 'session-fenced')) throw error;
      failed ??= { error };
    }
  }
  if (failed !== undefined) throw failed.error;
}
