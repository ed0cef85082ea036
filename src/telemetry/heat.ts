// A block's heat: reads, each halved every minute since. It is kept as a score that never has to be touched because time passes (forward
// decay, Cormode et al. 2009): log2 of the reads, each counted as 2^(halvings since 1970). The logarithm keeps it from overflowing, so
// nothing is ever rescaled; a double leaves it right to a part in 10^8. Scores order as heats do.
import { heatHalfLifeSec } from './counter-store.ts';

/** The score of `reads` (above zero) that happened at `timeSec`. */
export const scoreOf = (reads: number, timeSec: number): number => Math.log2(reads) + timeSec / heatHalfLifeSec;

/** Of two scores of one block the score of both; adapters/redis-script.ts says the same in Lua. */
export function sumScores(a: number, b: number): number {
  const high = Math.max(a, b);
  return high + Math.log2(1 + 2 ** (Math.min(a, b) - high));
}

/** In reads, as of `nowSec`. */
export const heatAt = (score: number, nowSec: number): number => 2 ** (score - nowSec / heatHalfLifeSec);

/** Ten half-lives after a single read. */
const coldHeat = 2 ** -10;

/** Blocks with a lower score are cold. */
export const coldScore = (nowSec: number): number => scoreOf(coldHeat, nowSec);
