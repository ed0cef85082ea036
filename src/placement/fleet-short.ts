// Whether the fleet as a whole has not enough for what is asked of it, however that is spread.
import { flows } from '../model/load.ts';
import { boundOf } from './known-bound.ts';
import { leastPressure } from './least-pressure.ts';
import type { Loads } from './loads.ts';
import type { Rules } from './rules.ts';
import type { Score } from './score.ts';
import { Steps } from './steps.ts';
import type { Prediction, SeenPartition, View } from './view.ts';

/** Clients that are held back ask for no more than there is: who is full everywhere is short as well. */
export const isFull = ({ fleetPressure }: Loads, scores: readonly Score[], { enter }: Rules): boolean =>
  fleetPressure > enter && scores.every(({ pressure }) => pressure > enter);

/** Where partitions come and go: now, or before one that is asked for would be of use. */
export function isShortSoon({ partitions }: View, ahead: Prediction | undefined, rules: Rules): boolean {
  const { growAtOnce, growAheadSec } = rules.elastic;
  if (leastPressure(partitions, undefined, 1) > growAtOnce) return true;
  const { count } = new Steps(ahead?.aheadSec ?? [], growAheadSec);
  // Of who is away the load is foreseen, and not what it can do.
  const isWhole = partitions.every((each) => each.duty !== 'online' || each.isUp);
  if (isWhole && count > 1 && leastPressure(partitions, ahead?.fleet, count) > rules.growAbove) return true;
  const online = partitions.filter((each) => each.duty === 'online' && each.isUp);
  const isFullNow = (each: SeenPartition): boolean =>
    flows.some((flow) => each.demand[flow] > growAtOnce * boundOf(each, flow));
  return online.length > 0 && online.every(isFullNow);
}
