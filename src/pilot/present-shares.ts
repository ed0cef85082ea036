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
  const byHomes = toShares(homes.map(({ partition, weight }) => [partition, weight]));
  const byBytes = toShares([...(held ?? [])].map(([partition, { bytes }]) => [partition, bytes]));
  return {
    reads: measured(recent, 'readOps') ?? still(usual, held) ?? byBytes ?? byHomes ?? nowhere,
    writes: (isSettled ? measured(recent, 'writeOps') : undefined) ?? byHomes ?? nowhere,
  };
}

const nowhere: Shares = new Map();

function measured(recent: ShareSources['recent'], flow: 'readOps' | 'writeOps'): Shares | undefined {
  if (recent === undefined) return undefined;
  let sum = 0;
  for (const each of recent.values()) sum += each[flow];
  return sum < operationsMin ? undefined : toShares([...recent].map(([partition, each]) => [partition, each[flow]]));
}

/** Where it was read before, as far as it lies there yet. */
function still(usual: ShareSources['usual'], held: ShareSources['held']): Shares | undefined {
  if (usual === undefined || held === undefined) return undefined;
  const parts = [...usual].filter(([partition]) => (held.get(partition)?.bytes ?? 0) > 0);
  const sum = parts.reduce((all, [, { readOps }]) => all + readOps, 0);
  return sum < usualMin ? undefined : toShares(parts.map(([partition, { readOps }]) => [partition, readOps]));
}

function toShares(parts: readonly (readonly [PartitionId, number])[]): Shares | undefined {
  const sum = parts.reduce((all, [, part]) => all + part, 0);
  if (!(sum > 0)) return undefined;
  const shares = new Map<PartitionId, number>();
  for (const [partition, part] of parts) {
    if (part > 0) shares.set(partition, (shares.get(partition) ?? 0) + part / sum);
  }
  return shares;
}
