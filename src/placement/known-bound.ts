// What a partition can do, where that is known well enough to plan by.
import { sureMin } from '../model/capacity.ts';
import { type Flow, flows } from '../model/load.ts';
import type { SeenPartition } from './view.ts';

/** Known well enough to plan by; NaN where it is not. */
export function boundOf({ capacity, duty, isUp }: SeenPartition, flow: Flow): number {
  const bound = capacity.load[flow];
  if (duty === 'offline' || duty === 'retired' || !isUp) return Number.NaN;
  return capacity.confidence >= sureMin && bound !== undefined && bound > 0 && Number.isFinite(bound)
    ? bound
    : Number.NaN;
}

/** Of some flow. */
export const isKnown = (partition: SeenPartition): boolean =>
  flows.some((flow) => !Number.isNaN(boundOf(partition, flow)));
