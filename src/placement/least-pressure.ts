// What the best placement would have to carry.
import type { PartitionId } from '../model/ids.ts';
import { type Flow, type Flows, flows } from '../model/load.ts';
import { boundOf } from './known-bound.ts';
import { type Prediction, quantileLevels, type SeenPartition } from './view.ts';

const q90 = quantileLevels.indexOf(0.9);

/**
 * The least pressure that the fleet could have, everything spread in proportion to capacity: of what is measured, and of q90 in the steps ahead.
 * `steps`: how many, now being the first. `without`: as if it had gone, and the others carried its load.
 */
export function leastPressure(
  partitions: readonly SeenPartition[],
  ahead: Prediction['fleet'] | undefined,
  steps: number,
  without?: PartitionId,
): number {
  let greatest = 0;
  for (const flow of flows) {
    const counted = partitions.filter((each) => isCounted(each, flow));
    const capacity = capacityOf(counted, flow, without);
    let now = 0;
    for (const each of partitions) if (isAsked(each, flow)) now += each.demand[flow];
    if (capacity <= 0) continue;
    greatest = Math.max(greatest, now / capacity);
    const rows = ahead?.[flow] ?? [];
    for (let step = 1; step < steps && step <= rows.length; step++)
      greatest = Math.max(greatest, rows[step - 1]![q90]! / capacity);
  }
  return greatest;
}

/** The same of any demand. */
export function pressureOf(demand: Flows, partitions: readonly SeenPartition[], without?: PartitionId): number {
  let greatest = 0;
  for (const flow of flows) {
    const counted = partitions.filter((each) => isCounted(each, flow));
    const capacity = capacityOf(counted, flow, without);
    if (capacity > 0) greatest = Math.max(greatest, demand[flow] / capacity);
  }
  return greatest;
}

/** It takes load, and what it can do is known. */
const isCounted = (each: SeenPartition, flow: Flow): boolean =>
  each.duty === 'online' && !Number.isNaN(boundOf(each, flow));

/** What is still asked of who drains the others will have to do. */
const isAsked = (each: SeenPartition, flow: Flow): boolean =>
  (each.duty === 'online' || each.duty === 'draining') && !Number.isNaN(boundOf(each, flow));

function capacityOf(counted: readonly SeenPartition[], flow: Flow, without: PartitionId | undefined): number {
  let capacity = 0;
  for (const each of counted) if (each.id !== without) capacity += boundOf(each, flow);
  return capacity;
}
