// Moves out of partitions that will be asked for more than they can do: what is worth its price, over before it must be, a few at a time.
import { filled } from '../base/filled.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import type { Flow } from '../model/load.ts';
import { findLeastLoadedPartition } from './find-least-loaded-partition.ts';
import { type Batch, identifyBlocksToMove } from './identify-blocks-to-move.ts';
import type { Loads, Shift } from './loads.ts';
import type { Move, Refusal } from './plan.ts';
import type { Price, Rules } from './rules.ts';
import type { Score } from './score.ts';
import type { Prediction, View } from './view.ts';
import type { Held } from './where-areas-are.ts';

export interface Moving {
  readonly view: View;
  /** Undefined: nothing is foreseen. */
  readonly ahead?: Prediction | undefined;
  readonly loads: Loads;
  readonly rules: Rules;
  readonly holdings: Held;
  readonly basis: 'measured' | 'foreseen';
  /** Chosen in this tick already: they count as under way. */
  readonly chosen: readonly Move[];
  /** Partitions of whose load echoes carry meanwhile what is too much: moves off them can wait, and have to be worth it. */
  readonly eased: () => ReadonlySet<PartitionId>;
  /** Areas that moved of late: they do not move again for what echoes carry. */
  readonly settling: ReadonlySet<AreaId>;
  /** Areas that are left alone in this tick; those that are chosen are added. */
  readonly resting: Set<AreaId>;
}

export interface MovesPlanned {
  readonly moves: readonly Move[];
  readonly refusals: readonly Refusal[];
  /** In trouble, and nobody can take anything from them. */
  readonly stuck: readonly PartitionId[];
}

/** So many candidates are looked at for each move. */
const triedMax = 6;

/** `troubled`: whose turn it is, the worst first. */
export function planMoves(moving: Moving, troubled: readonly Score[]): MovesPlanned {
  const { view, rules, chosen } = moving;
  const moves: Move[] = [];
  const refusals: Refusal[] = [];
  const stuck: PartitionId[] = [];
  const stored = view.partitions.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  const running = view.underWay.filter((each) => each.kind === 'move');
  let inFlight =
    running.reduce((sum, { bytesLeft }) => sum + bytesLeft, 0) + chosen.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { partition, pressure } of troubled) {
    let out = [...running, ...chosen].filter(({ from }) => from === partition).length;
    while (out < rules.movesOutMax) {
      const room = Math.max(rules.inFlightBytesMin, rules.inFlightShareMax * stored) - inFlight;
      const found = planMove(moving, partition, pressure, room);
      if (found === 'calm') break;
      if (typeof found === 'string') {
        refusals.push({ partition, why: whyNot[found] });
        if (found === 'nowhere') stuck.push(partition);
        break;
      }
      moves.push(found);
      moving.resting.add(found.area);
      out++;
      inFlight += found.bytes;
    }
  }
  return { moves, refusals, stuck };
}

const whyNot = {
  nowhere: 'no partition of another capacity domain can take any of its load',
  'not-worth': 'no move saves more overloaded minutes than it costs',
  'no-room': 'as many bytes are on their way as may be',
  carried: 'no move is over before it begins, and echoes carry it',
  'too-late': 'no move is over before it begins',
  nothing: 'none of what it holds can be moved now',
} as const;

function planMove(
  moving: Moving,
  source: PartitionId,
  before: number,
  room: number,
): Move | 'calm' | keyof typeof whyNot {
  const { view, loads, rules, holdings, resting, settling, eased } = moving;
  const hasEchoes = moving.basis === 'foreseen' && view.hasEchoes;
  const from = loads.placeOf.get(source)!;
  const peak = loads.peakOf(from);
  if (peak === undefined || peak.pressure <= rules.enter) return 'calm';
  // Nothing saves more than there is.
  const isPoor = ({ perMove }: Price): boolean => perMove > 0 && loads.overloadOf(from) <= perMove;
  if (isPoor(rules.price)) return 'not-worth';
  const isCarried = eased().has(source);
  const pricePaid = isCarried ? rules.easedPrice : rules.price;
  if (isPoor(pricePaid)) return 'not-worth';
  // In the midst of it a move costs its source reads, and echoes do better; what they cannot carry is seen when it is measured.
  const beginsSec = hasEchoes ? beginning(moving, source, from) : undefined;
  if (isCarried && beginsSec !== undefined && beginsSec < rules.tickSec) return 'carried';
  const load = (peak.pressure - rules.goal) * loads.bound(from, peak.flow);
  const need = { flow: peak.flow, step: peak.step, load };
  const batches = identifyBlocksToMove(
    loads,
    view,
    holdings.get(source) ?? [],
    need,
    (area) => resting.has(area) || (hasEchoes && settling.has(area)),
  );
  if (batches.length === 0) return 'nothing';
  let answer: keyof typeof whyNot = 'nowhere';
  for (const batch of batches.slice(0, triedMax)) {
    if (batch.bytes > room) {
      answer = 'no-room';
      continue;
    }
    const shift = loads.shiftOf(batch.area, batch.readShare, batch.writeShare);
    const to = findLeastLoadedPartition({
      loads,
      rules,
      from,
      shift,
      bytes: batch.bytes,
      below: Math.min(before, peak.pressure),
    });
    if (to === undefined) continue;
    const takesSec = batch.bytes / rules.moveBytesPerSec;
    if (beginsSec !== undefined && beginsSec < rules.headStart * takesSec + rules.tickSec) {
      answer = 'too-late';
      continue;
    }
    const saved = savedMinutes(loads, from, to.place, inTime(loads, shift, takesSec));
    if (pricePaid.perMove > 0 && saved <= priceOf(view, pricePaid, batch)) {
      answer = 'not-worth';
      continue;
    }
    const crossingSec = loads.crossingSec(from, 1) ?? loads.time.beginsInSec(peak.step);
    loads.move(shift, from, to.place);
    const peakInSec = loads.time.beginsInSec(peak.step);
    const found = {
      pressure: peak.pressure,
      flow: peak.flow,
      peakInSec,
      crossingSec,
      takesSec,
      saved,
      after: to.pressure,
    };
    return moveOf(moving, batch, source, to.partition, found);
  }
  return answer;
}

/** When (seconds from now) moves have to be over: before it is too much, and before what is declared of anything that lies there; then it is too late. */
function beginning({ view, ahead, loads, rules, holdings }: Moving, source: PartitionId, from: number) {
  let first = loads.crossingSec(from, rules.easedFrom);
  if (ahead === undefined || ahead.declared.size === 0) return first;
  for (const { area } of holdings.get(source) ?? []) {
    for (const atSec of ahead.declared.get(area) ?? []) {
      const inSec = atSec - view.nowSec;
      if (inSec > 0 && (first === undefined || inSec < first)) first = inSec;
    }
  }
  return first;
}

const savedMinutes = (loads: Loads, from: number, to: number, shift: Shift): number =>
  loads.overloadOf(from) -
  loads.overloadWith(from, shift, -1) -
  (loads.overloadWith(to, shift, 1) - loads.overloadOf(to));

/** In overloaded minutes. */
function priceOf({ partitions }: View, { perMove, perHundredth }: Price, { bytes }: Batch): number {
  const online = partitions.filter(({ duty }) => duty === 'online');
  const even = online.reduce((sum, { storedBytes }) => sum + storedBytes, 0) / Math.max(1, online.length);
  return perMove + (even > 0 ? (perHundredth * bytes) / (even / 100) : 0);
}

interface Found {
  readonly pressure: number;
  readonly flow: Flow;
  readonly peakInSec: number;
  readonly crossingSec: number;
  readonly takesSec: number;
  readonly saved: number;
  /** What the target comes to. */
  readonly after: number;
}

function moveOf({ view, rules, basis }: Moving, batch: Batch, from: PartitionId, to: PartitionId, found: Found): Move {
  const { area, bytes, readShare, isWhole } = batch;
  const { pressure, flow, peakInSec, crossingSec, takesSec, saved, after } = found;
  const startInSec = Math.max(0, crossingSec - rules.headStart * takesSec - rules.headStartSec - rules.tickSec);
  return {
    kind: 'move',
    area,
    from,
    to,
    bytes,
    readShare,
    isWhole,
    startInSec: startInSec < rules.tickSec ? 0 : startInSec,
    because: {
      text:
        basis === 'measured'
          ? `${from} is at ${percent(pressure)} of its ${flow}; ${to} would be at ${percent(after)} with this`
          : `${from} would come to ${percent(pressure)} of its ${flow} ${inMinutes(peakInSec)}; ${to} would be at ${percent(after)} with this, and ${saved.toFixed(1)} overloaded minutes are saved`,
      basis,
      pressure,
      atSec: view.nowSec + peakInSec,
      flow,
    },
  };
}

/** What of a load changes hands while there is still time: hottest first, and evenly in time. */
function inTime(loads: Loads, shift: Shift, takesSec: number): Shift {
  const part = filled(loads.steps, (step) => {
    const middleSec = loads.time.beginsInSec(step) + loads.time.stepSec(step) / 2;
    return step === 0 ? 0 : Math.min(1, middleSec / Math.max(1, takesSec));
  });
  return Object.fromEntries(
    Object.entries(shift).map(([flow, rows]) => [flow, rows.map((load, step) => load * part[step]!)]),
  );
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;
export const inMinutes = (seconds: number): string => (seconds < 60 ? 'now' : `in ${Math.round(seconds / 60)} minutes`);
