// When moves do not help: another partition, and areas that are too much for any partition divided. Who was let go and still drains is kept; else one
// comes from a pool, which is worth nothing unless it brings a capacity domain of its own.
import type { PartitionId } from '../model/ids.ts';
import { isKnown } from './known-bound.ts';
import type { Loads } from './loads.ts';
import { hasPersisted, type Memory, seenLast } from './memory.ts';
import type { Grow, Keep, Refusal, SplitArea } from './plan.ts';
import { percent } from './plan-moves.ts';
import type { Rules } from './rules.ts';
import type { SeenPartition, View } from './view.ts';
import type { Held } from './where-areas-are.ts';

export interface Growing {
  readonly view: View;
  /** Asked for when anybody is short. */
  readonly loads: () => Loads;
  readonly rules: Rules;
  /** Partitions come and go with the load. */
  readonly isElastic: boolean;
  readonly shortage: Memory['shortage'];
  readonly holdings: Held;
}

export interface Growth {
  readonly steps: readonly (Grow | Keep | SplitArea)[];
  readonly refusals: readonly Refusal[];
}

/** The whole fleet's shortage, among those of partitions. */
export const wholeFleet = '*';
/** An area that is so much of its partition's capacity is divided. */
const tooHot = 0.5;

export function planGrowth(growing: Growing): Growth {
  const { view, loads, rules, isElastic, shortage } = growing;
  const enough = (id: PartitionId) => (isElastic && id === wholeFleet ? rules.elastic.shortage : rules.shortage);
  const short = [wholeFleet, ...view.partitions.map(({ id }) => id)].filter(
    (id) => seenLast(shortage, id) && hasPersisted(shortage, id, enough(id)),
  );
  if (short.length === 0) return { steps: [], refusals: [] };
  const split = splitHottest(growing, short);
  if (view.underWay.some(({ kind }) => kind === 'grow')) return { steps: split, refusals: [] };
  const name = short[0] === wholeFleet ? undefined : short[0];
  const text =
    name === undefined
      ? `everything spread evenly the fleet would come to ${percent(loads().fleetPressure)}: it is short of capacity`
      : `${name} has been in trouble for ${rules.shortage.times} of ${rules.shortage.of} ticks, and nobody can take any of its load`;
  const because = { text };
  const leaves = view.partitions.find(({ duty, by, isUp }) => duty === 'draining' && by === 'plan' && isUp);
  if (leaves !== undefined) return { steps: [{ kind: 'keep', partition: leaves.id, because }, ...split], refusals: [] };
  const refused = (why: string): Growth => ({
    steps: split,
    refusals: [name === undefined ? { why } : { partition: name, why }],
  });
  const newcomer = view.partitions.find(isUnmeasured);
  if (newcomer !== undefined)
    return refused(`${newcomer.id} came from a pool, and what it can do is not known yet: another may be too many`);
  const pool = view.pools.find(
    ({ left, capacityDomain }) =>
      left > 0 && view.partitions.every((each) => each.duty === 'retired' || each.capacityDomain !== capacityDomain),
  );
  if (pool !== undefined) return { steps: [{ kind: 'grow', pool: pool.name, because }, ...split], refusals: [] };
  return refused(
    view.pools.length === 0
      ? 'there is no pool to bring a partition online from'
      : 'no pool can bring one more partition with a capacity domain of its own',
  );
}

/** It would not be counted, so the fleet would stay short however many came. */
const isUnmeasured = (each: SeenPartition): boolean =>
  each.duty === 'online' && each.isUp && each.pool !== undefined && !isKnown(each);

/** The hottest area of a partition that is short, if it is the greater part of what the partition can do. */
function splitHottest({ view, loads: ask, holdings }: Growing, short: readonly PartitionId[]): SplitArea[] {
  const loads = ask();
  for (const id of short) {
    const place = loads.placeOf.get(id);
    const peak = place === undefined ? undefined : loads.peakOf(place);
    if (place === undefined || peak === undefined) continue;
    for (const { area, readShare } of holdings.get(id) ?? []) {
      if (view.areas.get(area)?.isDivisible !== true) continue;
      const load = loads.loadOf(area, readShare, peak.flow, peak.step);
      if (load <= tooHot * loads.bound(place, peak.flow)) continue;
      const text = `${area} alone is ${percent(load / loads.bound(place, peak.flow))} of what ${id} can do`;
      return [{ kind: 'split-area', area, home: id, because: { text } }];
    }
  }
  return [];
}
