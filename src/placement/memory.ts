// What plans remember from tick to tick: in which ticks a partition was in trouble, which areas rest, since when the fleet is calm. A plain value
// that survives a restart as JSON.
import type { AreaId, PartitionId } from '../model/ids.ts';
import type { HourSeen } from './day-high.ts';
import type { Persistence } from './rules.ts';

export interface Memory {
  /** The newest last, at most `kept` of them. */
  readonly trouble: Readonly<Record<PartitionId, readonly boolean[]>>;
  /** The same by what is measured alone. */
  readonly measured: Readonly<Record<PartitionId, readonly boolean[]>>;
  /** The same for troubles that no move could help. */
  readonly shortage: Readonly<Record<PartitionId, readonly boolean[]>>;
  /** When what is foreseen was looked at last. */
  readonly looked: Look | undefined;
  /** Until when (seconds since 1970) an area is left alone. */
  readonly restsUntilSec: Readonly<Record<AreaId, number>>;
  /** When it last moved. */
  readonly movedSec: Readonly<Record<AreaId, number>>;
  /** What the fleet was asked for in each hour of the last day. */
  readonly hours: readonly HourSeen[];
  /** Since when a partition could have gone, by each of the ways in which it may. */
  readonly calmSinceSec: CalmSince;
  /** When the fleet was seen last (seconds since 1970): what nobody saw was not calm. */
  readonly tickedSec: number | undefined;
}

export const noMemory: Memory = {
  trouble: {},
  measured: {},
  shortage: {},
  looked: undefined,
  restsUntilSec: {},
  movedSec: {},
  hours: [],
  calmSinceSec: {},
  tickedSec: undefined,
};

/** Seconds since 1970; absent: it could not. */
export type CalmSince = Readonly<Partial<Record<'merge' | 'leave', number>>>;

export interface Look {
  /** Of the prediction. */
  readonly name: string;
  /** A prediction of the same name says nothing else before. */
  readonly untilSec: number;
}

const kept = 8;

export type Seen = Readonly<Record<PartitionId, readonly boolean[]>>;

/** As it was seen last. */
export const seenLast = (seen: Seen, id: PartitionId): boolean => ticksOf(seen, id).at(-1) === true;

/** A partition may be called `constructor`. */
const ticksOf = (seen: Seen, id: PartitionId): readonly boolean[] => (Object.hasOwn(seen, id) ? seen[id]! : []);

/** One tick more; partitions that are no more are forgotten. */
export function seenAgain(
  before: Seen,
  partitions: readonly PartitionId[],
  isSeen: (id: PartitionId) => boolean,
): Seen {
  const seen: Record<PartitionId, readonly boolean[]> = {};
  for (const id of partitions) {
    const known = ticksOf(before, id);
    const now = isSeen(id);
    if (now || known.some(Boolean)) seen[id] = [...known.slice(1 - kept), now];
  }
  return seen;
}

export function hasPersisted(seen: Seen, id: PartitionId, { times, of }: Persistence): boolean {
  let count = 0;
  for (const each of ticksOf(seen, id).slice(-of)) if (each) count++;
  return count >= times;
}

/** Those that still rest. */
export function stillResting(rests: Memory['restsUntilSec'], nowSec: number): Record<AreaId, number> {
  const still: Record<AreaId, number> = {};
  // A clock that was set back does not let an area rest for ever.
  for (const [area, untilSec] of Object.entries(rests))
    if (untilSec > nowSec && untilSec <= nowSec + restSecMax) still[area] = untilSec;
  return still;
}

const restSecMax = 2 * 86_400;

/** Those that moved within `settleSec`. */
export function stillSettling(moved: Memory['movedSec'], nowSec: number, settleSec: number): Record<AreaId, number> {
  const still: Record<AreaId, number> = {};
  for (const area in moved) {
    const atSec = moved[area]!;
    if (atSec <= nowSec && nowSec - atSec < settleSec) still[area] = atSec;
  }
  return still;
}
