// Where a load can go: the partition that would be least loaded with it, outside the source's capacity domain, with room, and not fuller than rules
// allow.
import type { PartitionId } from '../model/ids.ts';
import type { Loads, Shift } from './loads.ts';
import type { Rules } from './rules.ts';

export interface Destination {
  readonly partition: PartitionId;
  readonly place: number;
  /** What it would come to. */
  readonly pressure: number;
}

export interface Wanted {
  readonly loads: Loads;
  readonly rules: Rules;
  readonly from: number;
  readonly shift: Shift;
  readonly bytes: number;
  /** The destination has to stay below it. */
  readonly below: number;
}

/** Undefined: nobody can take it. */
export function findLeastLoadedPartition({ loads, rules, from, shift, bytes, below }: Wanted): Destination | undefined {
  const limit = Math.min(below, admissible(loads, rules));
  const source = loads.partitions[from]!;
  let best: Destination | undefined;
  for (let place = 0; place < loads.partitions.length; place++) {
    const each = loads.partitions[place]!;
    if (place === from || each.duty !== 'online' || !each.isUp) continue;
    if (each.capacityDomain === source.capacityDomain || each.freeBytes < bytes) continue;
    const alone = loads.pressureOf(place);
    if (alone === undefined || alone > limit || (best !== undefined && alone >= best.pressure)) continue;
    const peak = loads.peakOf(place, { added: shift });
    if (peak === undefined || peak.pressure > limit) continue;
    if (best === undefined || peak.pressure < best.pressure)
      best = { partition: each.id, place, pressure: peak.pressure };
  }
  return best;
}

/** A fixed limit would leave no destination in a fleet that is busy everywhere. */
export const admissible = ({ fleetPressure }: Loads, { targetMin, targetMax, targetAbove }: Rules): number =>
  Math.min(targetMax, Math.max(targetMin, fleetPressure + targetAbove));
