// When the fleet is larger than it has to be: one partition drains, and goes when it is empty. Forecasts may only expand, so this waits for calm that
// is measured, to which the forecast may object: a day of it, since who goes by night and comes back by day pays more in violations than in hours for
// what has to be carried there again. Where load is foreseen and echoes use a partition that comes at once, who holds little goes within the hour.
import type { PartitionId } from '../model/ids.ts';
import { flows } from '../model/load.ts';
import { dayHigh, type HourSeen } from './day-high.ts';
import { boundOf } from './known-bound.ts';
import { leastPressure, pressureOf } from './least-pressure.ts';
import type { CalmSince } from './memory.ts';
import type { Drain, Retire } from './plan.ts';
import { percent } from './plan-moves.ts';
import type { Calm, Rules } from './rules.ts';
import type { Prediction, SeenPartition, View } from './view.ts';

export interface Merging {
  readonly view: View;
  readonly ahead: Prediction | undefined;
  readonly rules: Rules;
  /** Partitions come and go with the load. */
  readonly isElastic: boolean;
  readonly hours: readonly HourSeen[];
  readonly calmSinceSec: CalmSince;
  /** Takes new data again from this tick on. */
  readonly kept?: PartitionId | undefined;
}

export interface Merged {
  readonly steps: readonly (Drain | Retire)[];
  readonly calmSinceSec: CalmSince;
}

export function planMerges({ view, ahead, rules, isElastic, hours, calmSinceSec, kept }: Merging): Merged {
  const retire = view.partitions.filter(
    (each) => each.duty === 'draining' && each.id !== kept && each.pool !== undefined && each.storedBytes === 0,
  );
  const steps: (Drain | Retire)[] = retire.map(({ id }) => ({
    kind: 'retire',
    partition: id,
    because: { text: `${id} is empty` },
  }));
  const goes = emptiest(view);
  if (goes === undefined || isChanging(view) || !isKnown(view)) return { steps, calmSinceSec: {} };
  const used = leastPressure(view.partitions, undefined, 1, goes.id);
  const foreseen =
    ahead === undefined ? 0 : leastPressure(view.partitions, ahead.fleet, 1 + ahead.aheadSec.length, goes.id);
  const since: { -readonly [way in keyof CalmSince]: number } = {};
  const isSpare = isElastic && pressureOf(dayHigh(hours), view.partitions, goes.id) <= rules.elastic.hourMax;
  const ways = { merge: rules.merge, ...(isSpare && { leave: leaving(goes, rules) }) };
  for (const way of ['leave', 'merge'] as const) {
    const calm = ways[way];
    if (calm === undefined || used > calm.below || foreseen > calm.foreseen) continue;
    const sinceSec = begun(calmSinceSec[way], view.nowSec);
    since[way] = sinceSec;
    if (view.nowSec - sinceSec < calm.sec) continue;
    const text = `without ${goes.id} the fleet has been at ${percent(calm.below)} or less of its capacity for ${lasted(view.nowSec - sinceSec)}`;
    return { steps: [...steps, { kind: 'drain', partition: goes.id, because: { text } }], calmSinceSec: {} };
  }
  return { steps, calmSinceSec: since };
}

/** As long as it takes to carry away what it holds, several times over, and at least so long. */
function leaving({ storedBytes }: SeenPartition, { elastic, movesOutMax, moveBytesPerSec }: Rules): Calm {
  const drainSec = storedBytes / (movesOutMax * moveBytesPerSec);
  return { ...elastic.leave, sec: elastic.leave.sec + elastic.leaveDrains * drainSec };
}

/** A clock that was set back begins the wait anew. */
const begun = (sinceSec: number | undefined, nowSec: number): number =>
  sinceSec === undefined || sinceSec > nowSec ? nowSec : sinceSec;

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
