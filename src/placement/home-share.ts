// Which part of an area's writes goes to a partition, by the weights of its homes.
import type { PartitionId } from '../model/ids.ts';
import type { Home } from './view.ts';

/** 0 … 1; 0 where there are no homes. */
export function homeShare(homes: readonly Home[], id: PartitionId): number {
  const sum = homes.reduce((all, { weight }) => all + weight, 0);
  const own = homes.reduce((all, { partition, weight }) => all + (partition === id ? weight : 0), 0);
  return sum > 0 ? own / sum : 0;
}
