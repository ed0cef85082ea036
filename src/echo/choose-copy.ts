// Which copy of a block is read, and which one next if that fails. The primary first while it does well; else the better of two echoes, which
// needs no news fresher than this process has (power of two choices: Mitzenmacher 2001); else the primary all the same.
import type { PartitionId } from '../model/ids.ts';

/** A copy that could be read: what this process knows of the partition that holds it. */
export interface Copy {
  readonly partition: PartitionId;
  readonly state: 'up' | 'struggling' | 'down';
  /** Requests of this process that are under way there, and how many it seems able to take. */
  readonly inFlight: number;
  readonly limit: number;
  /** Until the first bytes come, of late; NaN when it is not known. */
  readonly latencyMs: number;
  readonly isSlow: boolean;
}

/** Why the primary is not asked first. */
export type Trouble = 'primary-down' | 'primary-busy' | 'primary-slow' | 'primary-failing';

/** `no-echo`: the primary is in trouble, and there is no echo that could be asked. */
export type ChoiceReason = 'primary-well' | 'no-echo' | Trouble;

export interface Choice<C extends Copy> {
  /** In order of trial; never empty. */
  readonly order: readonly [C, ...C[]];
  readonly because: ChoiceReason;
}

/** Of what it can take: beyond it a primary is busy. */
export const busyShare = 0.75;

/** `trouble`: of the primary, by `troubleOf`. `dice`: two numbers in [0, 1). */
export function chooseCopy<C extends Copy>(
  primary: C,
  echoes: readonly C[],
  trouble: Trouble | undefined,
  dice: readonly [number, number],
): Choice<C> {
  const there = echoes.filter(({ state }) => state !== 'down');
  if (trouble === undefined) return { order: [primary, ...byLoad(there)], because: 'primary-well' };
  const [first, ...rest] = betterOfTwo(there, dice);
  if (first === undefined) return { order: [primary], because: trouble === 'primary-down' ? trouble : 'no-echo' };
  // A struggling primary is asked before nobody is.
  return { order: [first, ...rest, primary], because: trouble };
}

/**
 * Undefined: it does well. `usualInFlight`: the third quartile of requests in flight over the partitions: where all are as busy, none is avoided
 * for it. Asked only when the primary is busy.
 */
export function troubleOf(primary: Copy, usualInFlight: () => number): Trouble | undefined {
  if (primary.state === 'down') return 'primary-down';
  const isBusy = primary.inFlight > busyShare * primary.limit && primary.inFlight > usualInFlight();
  if (isBusy) return 'primary-busy';
  if (primary.isSlow) return 'primary-slow';
  return primary.state === 'struggling' ? 'primary-failing' : undefined;
}

/** The better of two that the dice name first, then the others. */
function betterOfTwo<C extends Copy>(echoes: readonly C[], [one, other]: readonly [number, number]): C[] {
  if (echoes.length < 2) return [...echoes];
  const first = Math.floor(one * echoes.length);
  const second = (first + 1 + Math.floor(other * (echoes.length - 1))) % echoes.length;
  const pair = byLoad([echoes[first]!, echoes[second]!]);
  return [...pair, ...byLoad(echoes.filter((_, at) => at !== first && at !== second))];
}

/** By requests in flight, then by latency; of equal ones the order of the list, which is by nearness, stays. */
const byLoad = <C extends Copy>(copies: readonly C[]): C[] =>
  [...copies].sort((a, b) => a.inFlight - b.inFlight || known(a.latencyMs) - known(b.latencyMs));

const known = (latencyMs: number): number => (Number.isNaN(latencyMs) ? 0 : latencyMs);
