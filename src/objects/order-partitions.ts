// Which partitions a block should try, in order. Its area's home comes first, unless the home stores much more than its share:
// then the least full go first until the others have caught up. Splits alone follow too slowly where clients upload folder by
// folder (43 % of 2.7 GiB on one of three partitions).
import { MiB } from '../base/units.ts';
import type { PartitionId } from '../model/ids.ts';

export interface Filling {
  readonly id: PartitionId;
  readonly storedBytes: number;
  /** Share of all bytes relative to the others. */
  readonly weight: number;
}

/** A home may be ahead of the mean by 5 % and this much. */
const leadShare = 1.05;
const leadBytes = 64 * MiB;

/** `homes` that are not ahead of the others, then all partitions, least stored for its weight first; each once. */
export function orderPartitions(homes: readonly PartitionId[], fillings: readonly Filling[]): PartitionId[] {
  const ranked = fillings.slice().sort((a, b) => fullness(a) - fullness(b));
  const shareBytes = leadShare * meanFullness(ranked);
  const isAhead = (home: PartitionId): boolean =>
    fillings.some(({ id, storedBytes, weight }) => id === home && storedBytes > shareBytes * weight + leadBytes);
  const order: PartitionId[] = [];
  for (const home of homes) if (!order.includes(home) && !isAhead(home)) order.push(home);
  for (const { id } of ranked) if (!order.includes(id)) order.push(id);
  return order;
}

const fullness = ({ storedBytes, weight }: Filling): number => storedBytes / weight;

/** Over those at least half as full as the lower middle one: a new, empty partition must not draw every write of the fleet. */
function meanFullness(ranked: readonly Filling[]): number {
  const middle = ranked[(ranked.length - 1) >> 1];
  if (middle === undefined) return 0;
  const counted = ranked.filter((one) => fullness(one) >= fullness(middle) / 2);
  const total = (pick: (one: Filling) => number) => counted.reduce((sum, one) => sum + pick(one), 0);
  return total((one) => one.storedBytes) / total((one) => one.weight);
}
