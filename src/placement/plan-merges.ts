// When the fleet is larger than it has to be: one partition drains, and goes when it is empty. Forecasts may only expand, so this waits for calm that
// is measured, to which the forecast may object: a day of it, since who goes by night and comes back by day pays more in violations than in hours for
// what has to be carried there again. Where load is foreseen and echoes use a partition that comes at once, who holds little goes within the hour.
import type { PartitionId } from '../model/ids.ts';
import { dayHigh, type HourSeen } from './day-high.ts';
import { isKnown } from './known-bound.ts';
import { leastPressure, pressureOf } from './least-pressure.ts';
import type { CalmSince } from './memory.ts';
import type { Drain, Retire, Step } from './plan.ts';
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
  /** Somebody wants another partition. */
  readonly isShort: boolean;
  /** Of this tick. */
  readonly steps: readonly Step[];
}

export interface Merged {
  readonly steps: readonly (Drain | Retire)[];
  readonly calmSinceSec: CalmSince;
}

export function planMerges(merging: Merging): Merged {
  const { view, ahead, rules, isElastic, calmSinceSec } = merging;
  const kept = merging.steps.find((step) => step.kind === 'keep')?.partition;
  const retire = view.partitions.filter(
    (each) => each.duty === 'draining' && each.id !== kept && each.pool !== undefined && each.storedBytes === 0,
  );
  const steps: (Drain | Retire)[] = retire.map(({ id }) => ({
    kind: 'retire',
    partition: id,
    because: { text: `${id} is empty` },
  }));
  const goes = emptiest(view);
  if (goes === undefined || isChanging(view) || !isWholeKnown(view)) return { steps, calmSinceSec: {} };
  const used = leastPressure(view.partitions, undefined, 1, goes.id);
  const foreseen =
    ahead === undefined ? 0 : leastPressure(view.partitions, ahead.fleet, 1 + ahead.aheadSec.length, goes.id);
  const since: { -readonly [way in keyof CalmSince]: number } = {};
  const isSpare = isElastic && isSpareAllDay(merging, goes.id);
  const ways = { merge: rules.merge, ...(isSpare && { leave: leaving(goes, rules) }) };
  for (const way of ['leave', 'merge'] as const) {
    const calm = ways[way];
    if (calm === undefined || !(used <= calm.below && foreseen <= calm.foreseen)) continue;
    const sinceSec = begun(calmSinceSec[way], view.nowSec);
    since[way] = sinceSec;
    if (view.nowSec - sinceSec < calm.sec || isWanted(merging, goes.id)) continue;
    const text = `without ${goes.id} the fleet has been at ${percent(calm.below)} or less of its capacity for ${lasted(view.nowSec - sinceSec)}`;
    return { steps: [...steps, { kind: 'drain', partition: goes.id, because: { text } }], calmSinceSec: {} };
  }
  return { steps, calmSinceSec: since };
}

/** In the hours of the last day, nearly all of which were seen. */
const isSpareAllDay = ({ view, rules, hours }: Merging, goes: PartitionId): boolean =>
  hours.length >= rules.elastic.hoursMin && pressureOf(dayHigh(hours), view.partitions, goes) <= rules.elastic.hourMax;

/** The fleet is short, or load goes there right now. */
function isWanted({ view, steps, isShort }: Merging, id: PartitionId): boolean {
  const moves = [...view.underWay, ...steps].some((each) => each.kind === 'move' && each.to === id);
  const homes = steps.some((each) => each.kind === 're-home' && each.to.some(({ partition }) => partition === id));
  return isShort || moves || homes;
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
const isWholeKnown = ({ partitions }: View): boolean =>
  partitions.every((each) => each.duty !== 'online' || isKnown(each));

const lasted = (sec: number): string =>
  sec < 7200 ? `${Math.round(sec / 60)} minutes` : `${Math.round(sec / 3600)} hours`;

/** Of those that came from a pool and that no operator wants; the last online partition never goes. */
function emptiest({ partitions }: View): SeenPartition | undefined {
  const online = partitions.filter(({ duty }) => duty === 'online');
  if (online.length < 2) return undefined;
  return online
    .filter(({ pool, by }) => pool !== undefined && by !== 'operator')
    .sort((a, b) => a.storedBytes - b.storedBytes || (a.id < b.id ? -1 : 1))[0];
}
