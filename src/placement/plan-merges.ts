// When the fleet is larger than it has to be: one partition drains, and goes when it is empty. Forecasts may only expand, so this waits for a day of
// measured calm, to which the forecast may object. Who goes by night and comes back by day pays more in violations than in hours: what it held must be
// carried there again.
import { flows } from '../model/load.ts';
import { boundOf } from './known-bound.ts';
import { leastPressure } from './least-pressure.ts';
import type { Drain, Retire } from './plan.ts';
import { percent } from './plan-moves.ts';
import type { Rules } from './rules.ts';
import type { Prediction, SeenPartition, View } from './view.ts';

export interface Merging {
  readonly view: View;
  readonly ahead: Prediction | undefined;
  readonly rules: Rules;
  readonly calmSinceSec: number | undefined;
}

export interface Merged {
  readonly steps: readonly (Drain | Retire)[];
  readonly calmSinceSec: number | undefined;
}

export function planMerges({ view, ahead, rules, calmSinceSec }: Merging): Merged {
  const retire = view.partitions.filter(
    (each) => each.duty === 'draining' && each.pool !== undefined && each.storedBytes === 0,
  );
  const steps: (Drain | Retire)[] = retire.map(({ id }) => ({
    kind: 'retire',
    partition: id,
    because: { text: `${id} is empty` },
  }));
  const goes = emptiest(view);
  if (goes === undefined || isChanging(view) || !isKnown(view)) return { steps, calmSinceSec: undefined };
  const used = leastPressure(view.partitions, undefined, 1, goes.id);
  const foreseen =
    ahead === undefined ? 0 : leastPressure(view.partitions, ahead.fleet, 1 + ahead.aheadSec.length, goes.id);
  if (used > rules.mergeBelow || foreseen > rules.leave) return { steps, calmSinceSec: undefined };
  // A clock that was set back begins the wait anew.
  const sinceSec = calmSinceSec === undefined || calmSinceSec > view.nowSec ? view.nowSec : calmSinceSec;
  if (view.nowSec - sinceSec < rules.mergeCalmSec) return { steps, calmSinceSec: sinceSec };
  const text = `without ${goes.id} the fleet has been at ${percent(rules.mergeBelow)} or less of its capacity for ${lasted(view.nowSec - sinceSec)}`;
  return { steps: [...steps, { kind: 'drain', partition: goes.id, because: { text } }], calmSinceSec: undefined };
}

const isChanging = ({ partitions, underWay }: View): boolean =>
  underWay.some(({ kind }) => kind === 'grow') || partitions.some(({ duty }) => duty === 'draining');

/** Everybody is there, and it is known what they can do. */
const isKnown = ({ partitions }: View): boolean =>
  partitions.every((each) => each.duty !== 'online' || flows.some((flow) => !Number.isNaN(boundOf(each, flow))));

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
