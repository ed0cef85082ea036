// When the fleet is larger than it has to be: one partition drains, and goes when it is empty. Forecasts may only expand, so this waits for a day of
// measured calm; the forecast may only object.
import type { PartitionId } from '../model/ids.ts';
import { flows } from '../model/load.ts';
import type { Loads } from './loads.ts';
import type { Drain, Retire } from './plan.ts';
import { percent } from './plan-moves.ts';
import type { Rules } from './rules.ts';
import type { SeenPartition, View } from './view.ts';

export interface Merging {
  readonly view: View;
  /** Asked for when all else speaks for it. */
  readonly loads: () => Loads;
  readonly rules: Rules;
  readonly calmSinceSec: number | undefined;
}

export interface Merged {
  readonly steps: readonly (Drain | Retire)[];
  readonly calmSinceSec: number | undefined;
}

export function planMerges({ view, loads, rules, calmSinceSec }: Merging): Merged {
  const retire = view.partitions.filter(
    (each) => each.duty === 'draining' && each.pool !== undefined && each.storedBytes === 0,
  );
  const steps: (Drain | Retire)[] = retire.map(({ id }) => ({
    kind: 'retire',
    partition: id,
    because: { text: `${id} is empty` },
  }));
  const goes = emptiest(view);
  const used = goes === undefined ? Number.POSITIVE_INFINITY : usedWithout(view, goes.id);
  const isCalm = used <= rules.mergeBelow && !view.partitions.some(({ duty }) => duty === 'draining');
  if (!isCalm || goes === undefined) return { steps, calmSinceSec: undefined };
  // A clock that was set back begins the wait anew.
  const sinceSec = calmSinceSec === undefined || calmSinceSec > view.nowSec ? view.nowSec : calmSinceSec;
  if (view.nowSec - sinceSec < rules.mergeCalmSec) return { steps, calmSinceSec: sinceSec };
  const isForeseen = loads().fleetPressure * (capacityOf(view, undefined) / capacityOf(view, goes.id)) <= rules.leave;
  if (!isForeseen) return { steps, calmSinceSec: sinceSec };
  const text = `without ${goes.id} the fleet has been at ${percent(used)} or less of its capacity for ${lasted(view.nowSec - sinceSec)}`;
  return { steps: [...steps, { kind: 'drain', partition: goes.id, because: { text } }], calmSinceSec: undefined };
}

const lasted = (sec: number): string =>
  sec < 7200 ? `${Math.round(sec / 60)} minutes` : `${Math.round(sec / 3600)} hours`;

/** Of those that came from a pool; the last online partition never goes. */
function emptiest({ partitions }: View): SeenPartition | undefined {
  const online = partitions.filter(({ duty }) => duty === 'online');
  if (online.length < 2) return undefined;
  return online
    .filter(({ pool }) => pool !== undefined)
    .sort((a, b) => a.storedBytes - b.storedBytes || (a.id < b.id ? -1 : 1))[0];
}

/** Measured demand over what the others can do. */
function usedWithout(view: View, gone: PartitionId): number {
  let used = 0;
  for (const flow of flows) {
    let capacity = 0;
    let demand = 0;
    for (const each of view.partitions) {
      if (each.duty !== 'online') continue;
      demand += each.demand[flow];
      if (each.id !== gone) capacity += each.capacity.load[flow] ?? 0;
    }
    if (capacity > 0) used = Math.max(used, demand / capacity);
  }
  return used;
}

function capacityOf({ partitions }: View, gone: PartitionId | undefined): number {
  return partitions.reduce(
    (sum, { id, duty, capacity }) => sum + (duty === 'online' && id !== gone ? (capacity.load.readOps ?? 1) : 0),
    0,
  );
}
