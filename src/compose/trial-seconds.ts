// Where a trial hurries the clock of demand, its seconds are short: so much less is asked in each of them, and so much less can be done. Who would
// hold what is asked in short seconds against a quota in long ones would see a calm fleet.
import type { TrialOrders } from '../main/trial-orders.ts';
import type { Capacity } from '../model/capacity.ts';
import type { PartitionId } from '../model/ids.ts';
import { flows } from '../model/load.ts';

export function inItsSeconds(
  granted: ReadonlyMap<PartitionId, Capacity>,
  trial: TrialOrders | undefined,
): ReadonlyMap<PartitionId, Capacity> {
  const factor = trial?.demandClock?.factor ?? 1;
  if (factor === 1) return granted;
  return new Map([...granted].map(([id, each]) => [id, shortened(each, factor)]));
}

function shortened(capacity: Capacity, factor: number): Capacity {
  const load = { ...capacity.load };
  for (const flow of flows) if (load[flow] !== undefined) load[flow] /= factor;
  return { ...capacity, load };
}
