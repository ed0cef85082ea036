// Whether there is anything to plan: what is foreseen says the same until the next forecast, and what is measured says nothing while nobody is busy.
// Most ticks end here.
import { type Flow, flows, writeFlows } from '../model/load.ts';
import { boundOf } from './known-bound.ts';
import type { Look, Memory } from './memory.ts';
import type { Move } from './plan.ts';
import type { Rules } from './rules.ts';
import type { Prediction, SeenPartition, View } from './view.ts';

/** Nothing stays unseen for longer, whatever it is called. */
const lookSecMax = 300;

/** `prediction` undefined: nothing is foreseen. */
export function mustLook(view: View, prediction: Prediction | undefined, memory: Memory, rules: Rules): boolean {
  if (canDrain(view, rules)) return true;
  if (prediction === undefined) return isAnyBusy(view, rules.enter) || isAny(memory.trouble) || isAny(memory.shortage);
  const { looked } = memory;
  if (looked === undefined || prediction.name === undefined || looked.name !== prediction.name) return true;
  if (view.nowSec >= looked.untilSec || looked.untilSec > view.nowSec + lookSecMax) return true;
  return isAnyBusy(view, rules.enter, writeFlows); // new homes relieve at once
}

/** Somebody drains, and more may leave it now. */
function canDrain({ partitions, underWay }: View, { movesOutMax }: Rules): boolean {
  const drains = partitions.filter(({ duty }) => duty === 'draining');
  return drains.some(
    ({ id }) => underWay.filter((each) => each.kind === 'move' && each.from === id).length < movesOutMax,
  );
}

/** `isUnsure`: somebody is in trouble, and has not been for long enough. */
export function lookOf(
  { nowSec }: View,
  { name }: Prediction,
  moves: readonly Move[],
  isUnsure: boolean,
): Look | undefined {
  if (name === undefined) return undefined;
  const later = moves.map(({ startInSec }) => startInSec).filter((startInSec) => startInSec > 0);
  return { name, untilSec: isUnsure ? nowSec : nowSec + Math.min(lookSecMax, ...later) };
}

/** Echoes only take from who is busy, and make nobody busier than that: without any there is no trouble. */
export const isAnyBusy = ({ partitions }: View, share: number, of: readonly Flow[] = flows): boolean =>
  partitions.some((each) => isBusy(each, share, of));

const isBusy = (partition: SeenPartition, share: number, of: readonly Flow[]): boolean =>
  of.some((flow) => partition.demand[flow] > share * boundOf(partition, flow));

const isAny = (record: Readonly<Record<string, unknown>>): boolean => {
  for (const _ in record) return true;
  return false;
};
