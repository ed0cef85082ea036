// Which part of an area's reads and writes falls on which partition now. Measured where enough was asked; else by what still lies where, since
// hours of counting lag behind a move, and by its homes, since a new home takes the next write.
import type { PartitionId } from '../model/ids.ts';
import type { Flows } from '../model/load.ts';
import type { Home } from '../placement/placement.ts';
import type { Held } from './count-holdings.ts';

export type Shares = ReadonlyMap<PartitionId, number>;

export interface AreaShares {
  readonly reads: Shares;
  readonly writes: Shares;
}

export interface ShareSources {
  /** Sums of the last minutes. */
  readonly recent: ReadonlyMap<PartitionId, Flows> | undefined;
  /** By the last hour, or when it was last asked anything. */
  readonly usual: ReadonlyMap<PartitionId, Flows> | undefined;
  readonly held: ReadonlyMap<PartitionId, Readonly<Held>> | undefined;
  readonly homes: readonly Home[];
  /** False: the homes were others when some of `recent` was counted. */
  readonly isSettled: boolean;
}

/** Fewer tell nothing. */
const operationsMin = 30;
/** Of what was usual so much must still lie where it did. */
const usualMin = 0.5;

export function presentShares({ recent, usual, held, homes, isSettled }: ShareSources): AreaShares {
  return {
    reads: measured(recent, 'readOps') ?? still(usual, held) ?? byBytes(held) ?? byHomes(homes),
    writes: (isSettled ? measured(recent, 'writeOps') : undefined) ?? byHomes(homes),
  };
}

const nowhere: Shares = new Map();
/** Most areas lie on one partition: such shares are made once for each. */
const wholly = new Map<PartitionId, Shares>();

function only(partition: PartitionId): Shares {
  let shares = wholly.get(partition);
  if (shares === undefined) {
    shares = new Map([[partition, 1]]);
    wholly.set(partition, shares);
  }
  return shares;
}

function measured(recent: ShareSources['recent'], flow: 'readOps' | 'writeOps'): Shares | undefined {
  let sum = 0;
  for (const each of recent?.values() ?? []) sum += each[flow];
  return sum < operationsMin ? undefined : sharesOf(recent!, (each) => each[flow]);
}

/** Where it was read before, as far as it lies there yet. */
function still(usual: ShareSources['usual'], held: ShareSources['held']): Shares | undefined {
  if (usual === undefined || held === undefined) return undefined;
  let sum = 0;
  for (const [partition, { readOps }] of usual) if (lies(held, partition)) sum += readOps;
  return sum < usualMin
    ? undefined
    : sharesOf(usual, ({ readOps }, partition) => (lies(held, partition) ? readOps : 0));
}

const lies = (held: NonNullable<ShareSources['held']>, partition: PartitionId): boolean =>
  (held.get(partition)?.bytes ?? 0) > 0;

const byBytes = (held: ShareSources['held']): Shares | undefined => held && sharesOf(held, ({ bytes }) => bytes);

function byHomes(homes: readonly Home[]): Shares {
  if (homes.length === 1 && homes[0]!.weight > 0) return only(homes[0]!.partition);
  return sharesOf(new Map(homes.map((home) => [home.partition, home])), ({ weight }) => weight) ?? nowhere;
}

function sharesOf<T>(of: ReadonlyMap<PartitionId, T>, partOf: (one: T, id: PartitionId) => number): Shares | undefined {
  let sum = 0;
  let count = 0;
  let last: PartitionId | undefined;
  for (const [partition, one] of of) {
    const part = partOf(one, partition);
    if (!(part > 0)) continue;
    sum += part;
    count += 1;
    last = partition;
  }
  if (last === undefined || count === 1) return last === undefined ? undefined : only(last);
  const shares = new Map<PartitionId, number>();
  for (const [partition, one] of of) {
    const part = partOf(one, partition);
    if (part > 0) shares.set(partition, part / sum);
  }
  return shares;
}
