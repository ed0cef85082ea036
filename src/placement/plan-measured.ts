// What is foreseen may be wrong, and minutes are wilder than their means: whoever is in trouble as measured is helped as if nothing were foreseen, by
// whoever has room now. So foresight never does worse than a reactive balancer would.
import type { AreaId, PartitionId } from '../model/ids.ts';
import { Loads } from './loads.ts';
import { hasPersisted, type Memory, seenAgain } from './memory.ts';
import type { Move } from './plan.ts';
import { planMoves } from './plan-moves.ts';
import { type Rules, reactive } from './rules.ts';
import { scoreFleet, wanting } from './score.ts';
import type { View } from './view.ts';
import type { Held } from './where-areas-are.ts';

export interface Beside {
  readonly holdings: Held;
  readonly resting: Set<AreaId>;
  readonly settling: ReadonlySet<AreaId>;
  /** Chosen by what is foreseen: where one begins now, its source is helped. */
  readonly chosen: readonly Move[];
}

export function planMeasured(
  view: View,
  before: Memory['measured'],
  usual: Rules,
  { holdings, resting, settling, chosen }: Beside,
): { readonly measured: Memory['measured']; readonly moves: readonly Move[] } {
  const rules = reactive(usual);
  const loads = new Loads(view, undefined, 0);
  const scores = scoreFleet(loads);
  const wants = wanting(scores, rules);
  const ids = view.partitions.map(({ id }) => id);
  const measured = seenAgain(before, ids, (id) => wants.has(id));
  const isHelped = (id: PartitionId): boolean => chosen.some(({ from, startInSec }) => from === id && startInSec === 0);
  const troubled = scores.filter(
    ({ partition: id }) => wants.has(id) && hasPersisted(measured, id, rules.trouble) && !isHelped(id),
  );
  if (troubled.length === 0) return { measured, moves: [] };
  for (const { area, readShare, isWhole, from, to } of chosen)
    loads.move(loads.shiftOf(area, readShare, isWhole ? 1 : 0), loads.placeOf.get(from), loads.placeOf.get(to));
  const { moves } = planMoves({ view, loads, rules, holdings, resting, settling, basis: 'measured', chosen }, troubled);
  return { measured, moves };
}
