// What is foreseen may be wrong, and minutes are wilder than their means: whoever is in trouble as measured is helped as if nothing were foreseen, by
// whoever has room now.
import type { AreaId, PartitionId } from '../model/ids.ts';
import { writeFlows } from '../model/load.ts';
import { Loads } from './loads.ts';
import { isAnyBusy } from './look-again.ts';
import { hasPersisted, type Memory, seenAgain } from './memory.ts';
import type { Move } from './plan.ts';
import { planMoves } from './plan-moves.ts';
import { atOnce, type Rules, reactive } from './rules.ts';
import { type Score, scoreFleet, wanting } from './score.ts';
import type { View } from './view.ts';
import type { Held } from './where-areas-are.ts';

export interface Beside {
  readonly holdings: Held;
  readonly resting: Set<AreaId>;
  /** Chosen by what is foreseen, or to empty who drains: where one begins now, its source is helped. */
  readonly chosen: readonly Move[];
}

export function planMeasured(
  view: View,
  before: Memory['measured'],
  usual: Rules,
  { holdings, resting, chosen }: Beside,
): { readonly measured: Memory['measured']; readonly moves: readonly Move[] } {
  // Where there are echoes they have a moment to help, and a partition more helps for longer.
  const { hasEchoes } = view;
  const ids = view.partitions.map(({ id }) => id);
  if (!isAnyBusy(view, reactive(usual).enter)) return { measured: seenAgain(before, ids, () => false), moves: [] };
  const loads = new Loads(view, undefined, 0, true);
  const rules = hasEchoes ? reactive(usual) : atOnce(usual, loads.fleetPressure);
  const scores = scoreFleet(loads);
  // New homes relieve writes at once.
  const isReHomed = ({ flow }: Score): boolean => usual.remedies.reHome && writeFlows.some((each) => each === flow);
  // What echoes carry, more echoes carry as well.
  const isHelped = (id: PartitionId): boolean =>
    view.echoed.has(id) && loads.high(loads.placeOf.get(id)!, 'readOps', 0) < demandOf(view, id);
  const busy = wanting(scores, rules);
  const wants = new Set(
    scores
      .filter((score) => busy.has(score.partition) && !isReHomed(score))
      .filter(({ partition, pressure }) => pressure > rules.easedEnter || !isHelped(partition))
      .map(({ partition }) => partition),
  );
  const measured = seenAgain(before, ids, (id) => wants.has(id));
  const isMoving = (id: PartitionId): boolean => chosen.some(({ from, startInSec }) => from === id && startInSec === 0);
  const isElastic = hasEchoes && usual.remedies.grow && view.pools.length > 0;
  const eased = isElastic ? rules.elasticTrouble : rules.easedTrouble;
  const enough = hasEchoes ? eased : rules.measuredTrouble;
  const troubled = scores.filter(
    ({ partition: id }) => wants.has(id) && hasPersisted(measured, id, enough) && !isMoving(id),
  );
  if (troubled.length === 0) return { measured, moves: [] };
  if (isElastic && loads.fleetPressure > rules.fullFleet) return { measured, moves: [] };
  for (const { area, readShare, isWhole, from, to } of chosen)
    loads.move(loads.shiftOf(area, readShare, isWhole ? 1 : 0), loads.placeOf.get(from), loads.placeOf.get(to));
  const { moves } = planMoves(
    { ...{ view, loads, rules, holdings, resting, chosen }, eased: () => none, settling: none, basis: 'measured' },
    troubled,
  );
  return { measured, moves };
}

const none: ReadonlySet<string> = new Set();
const demandOf = ({ partitions }: View, id: PartitionId): number =>
  partitions.find((each) => each.id === id)?.demand.readOps ?? 0;
