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
  const used = leastPressure(view.partitions, ahead?.fleet, 1 + (ahead?.aheadSec.length ?? 0), goes.id);
  if (used > rules.mergeBelow) return { steps, calmSinceSec: undefined };
  // A clock that was set back begins the wait anew.
  const sinceSec = calmSinceSec === undefined || calmSinceSec > view.nowSec ? view.nowSec : calmSinceSec;
  if (view.nowSec - sinceSec < waitSec(goes, rules)) return { steps, calmSinceSec: sinceSec };
  const lastedText = lasted(view.nowSec - sinceSec);
  const text = `without ${goes.id} the fleet would have had enough for ${lastedText}, and will be at ${percent(used)} at most`;
  return { steps: [...steps, { kind: 'drain', partition: goes.id, because: { text } }], calmSinceSec: undefined };
}

function waitSec({ storedBytes }: SeenPartition, rules: Rules): number {
  const drainSec = storedBytes / (rules.movesOutMax * rules.moveBytesPerSec);
  return Math.min(rules.mergeCalmSecMax, Math.max(rules.mergeCalmSec, rules.mergeCalmDrains * drainSec));
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
