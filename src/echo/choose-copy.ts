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
  /** Time that what was asked of it already will take by its quota; 0 where it has none. */
  readonly backlogMs: number;
  /** Until the first bytes come, of late; NaN when it is not known. */
  readonly latencyMs: number;
  readonly isSlow: boolean;
}

/** Why the primary is not asked first. */
export type Trouble = 'primary-down' | 'primary-busy' | 'primary-slow' | 'primary-failing';

/**
 * `no-echo`: the primary is in trouble, and there is no echo that could be asked. `primary-again`: it is asked all the same now and then, for
 * otherwise nobody would ever learn that it does well again where all of its hot blocks have echoes.
 */
export type ChoiceReason = 'primary-well' | 'primary-again' | 'no-echo' | Trouble;

export interface Choice<C extends Copy> {
  /** In order of trial; never empty. */
  readonly order: readonly [C, ...C[]];
  readonly because: ChoiceReason;
}

/** Of what it can take: beyond it a primary is busy. */
export const busyShare = 0.75;
/** A quota lets bursts through; who may go elsewhere leaves half of a burst to those who cannot. */
export const busyBacklogMs = 50;

/**
 * An echo may take so many times as long as a slow primary usually does: the slowest answers of one that is slow are far slower still. Simulated at
 * two thirds of the quotas with one echo each: p99 at 1 ×, 2 ×, 3 × is 1.42, 1.13, 1.27 times the healthy one; 1.28 if an echo always goes first.
 */
const worthMost = 2;

/** In the middle of the busier half of the partitions: where all are as busy, none is avoided for it. Asked only when the primary is busy. */
export interface Usual {
  readonly inFlight: () => number;
  readonly backlogMs: () => number;
}

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
  const isWorse =
    (trouble === 'primary-busy' && queueOf(first) > queueOf(primary)) ||
    (trouble === 'primary-slow' && expectedMs(first) > worthMost * expectedMs(primary));
  if (isWorse) return { order: [primary, first, ...rest], because: trouble };
  // A struggling primary is asked before nobody is.
  return { order: [first, ...rest, primary], because: trouble };
}

/** Undefined: it does well. */
export function troubleOf(primary: Copy, usual: Usual): Trouble | undefined {
  if (primary.state === 'down') return 'primary-down';
  const { inFlight, limit, backlogMs } = primary;
  if (inFlight > busyShare * limit && inFlight > usual.inFlight()) return 'primary-busy';
  if (backlogMs > busyBacklogMs && backlogMs > usual.backlogMs()) return 'primary-busy';
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

/** By what waits there, then by requests in flight, then by latency; of equal ones the order of the list, which is by nearness, stays. */
const byLoad = <C extends Copy>(copies: readonly C[]): C[] =>
  [...copies].sort(
    (a, b) => queueOf(a) - queueOf(b) || a.inFlight - b.inFlight || known(a.latencyMs) - known(b.latencyMs),
  );

/** Within half a burst nobody waits. */
const queueOf = ({ backlogMs }: Copy): number => Math.max(0, backlogMs - busyBacklogMs);

/** Until its first bytes come, about. */
const expectedMs = (copy: Copy): number => queueOf(copy) + known(copy.latencyMs);

const known = (latencyMs: number): number => (Number.isNaN(latencyMs) ? 0 : latencyMs);
