// The working table of one planning: what each partition will carry, step by step, after what echoes can take and what is under way, and what it
// would carry if a load moved. The first step is now, as measured; the others are predicted.
import { filled, zeros } from '../base/filled.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import { eachFlow, type Flow, flows } from '../model/load.ts';
import { boundOf } from './known-bound.ts';
import { leastPressure } from './least-pressure.ts';
import { linksOf } from './links-of.ts';
import { probAbove } from './prob-above.ts';
import { rowsAt } from './rows-at.ts';
import { busyFrom, type EchoLinks, isAnyEased, steerEach } from './steer-reads.ts';
import { Steps } from './steps.ts';
import { type Prediction, type QuantileRow, quantileLevels, type SeenPartition, type View } from './view.ts';

const q90 = quantileLevels.indexOf(0.9);
const median = quantileLevels.indexOf(0.5);

/** A load per flow and step that may change hands; flows that are absent do not. */
export type Shift = Partial<Record<Flow, number[]>>;

/** Where and when a partition is nearest to what it can do. */
export interface Peak {
  readonly pressure: number;
  readonly flow: Flow;
  readonly step: number;
}

export class Loads {
  readonly partitions: readonly SeenPartition[];
  readonly placeOf: ReadonlyMap<PartitionId, number>;
  readonly time: Steps;
  /** How many there are, the first one being now. */
  readonly steps: number;
  readonly #view: View;
  readonly #prediction: Prediction | undefined;
  /** By flow and place: what is predicted of the steps ahead. */
  readonly #ahead: Readonly<Record<Flow, readonly (readonly QuantileRow[] | undefined)[]>>;
  /** By flow: per second, NaN where it is not known. */
  readonly #bounds: Readonly<Record<Flow, number[]>>;
  /** By flow, at place × steps + step: what q90 comes to. */
  readonly #high: Readonly<Record<Flow, number[]>>;
  /** By which rows are off: echoes, what is under way, what was planned. */
  readonly #shift: Readonly<Record<Flow, number[]>>;
  /** The least pressure that the fleet could have, everything spread in proportion to capacity. */
  readonly fleetPressure: number;
  /** Flows that some partition has a known bound for: the others decide nothing. */
  readonly #bounded: readonly Flow[];
  /** By place, as far as they were asked for. */
  readonly #pressures: (number | undefined)[] = [];
  readonly #overloads: (number | undefined)[] = [];

  /** `horizonSec`: steps that begin later are left out. `withEchoes`: when they have taken what they can. */
  constructor(view: View, prediction: Prediction | undefined, horizonSec: number, withEchoes: boolean) {
    this.#view = view;
    this.#prediction = prediction;
    this.partitions = view.partitions;
    this.placeOf = new Map(view.partitions.map(({ id }, place) => [id, place]));
    this.time = new Steps(prediction?.aheadSec ?? [], horizonSec);
    this.steps = this.time.count;
    const size = view.partitions.length * this.steps;
    this.#bounds = eachFlow((flow) =>
      filled(view.partitions.length, (place) => boundOf(view.partitions[place]!, flow)),
    );
    this.#bounded = flows.filter((flow) => this.#bounds[flow].some((bound) => !Number.isNaN(bound)));
    const ahead = view.partitions.map(({ id }) => prediction?.partitions.get(id));
    this.#ahead = eachFlow((flow) => ahead.map((each) => each?.[flow]));
    this.#shift = eachFlow(() => zeros(size));
    this.#high = eachFlow((flow) =>
      this.#bounded.includes(flow) ? rowsAt(this.#ahead[flow], view.partitions, flow, this.steps, q90) : zeros(size),
    );
    for (const each of view.underWay) if (each.kind === 'move') this.#expect(each);
    if (withEchoes && view.echoed.size > 0) this.#steer(linksOf(view, this.placeOf, (place) => this.#isBusy(place)));
    this.fleetPressure = leastPressure(view.partitions, prediction?.fleet, this.steps);
  }

  bound(place: number, flow: Flow): number {
    return this.#bounds[flow][place]!;
  }

  /** What q90 of a step comes to. */
  high(place: number, flow: Flow, step: number): number {
    const at = place * this.steps + step;
    return this.#high[flow][at]! + this.#shift[flow][at]!;
  }

  /** `untilSec`: steps that begin later do not count. `added`: as if that came on top (or, with `sign` -1, went). */
  peakOf(
    place: number,
    options: { untilSec?: number; added?: Shift | undefined; sign?: number; flows?: readonly Flow[] } = {},
  ): Peak | undefined {
    const { untilSec, added, sign = 1 } = options;
    const steps = untilSec === undefined ? this.steps : this.time.countBefore(untilSec);
    const from = place * this.steps;
    let [pressure, flowAt, stepAt] = [Number.NEGATIVE_INFINITY, this.#bounded[0]!, -1];
    for (const flow of options.flows ?? this.#bounded) {
      const bound = this.#bounds[flow][place]!;
      if (Number.isNaN(bound)) continue;
      const [high, shift, more] = [this.#high[flow], this.#shift[flow], added?.[flow]];
      for (let step = 0; step < steps; step++) {
        const load = high[from + step]! + shift[from + step]! + (more === undefined ? 0 : sign * more[step]!);
        if (load / bound > pressure) [pressure, flowAt, stepAt] = [load / bound, flow, step];
      }
    }
    return stepAt < 0 ? undefined : { pressure, flow: flowAt, step: stepAt };
  }

  /** Of its peak over all steps; undefined: what it can do is not known. */
  pressureOf(place: number): number | undefined {
    let known = this.#pressures[place];
    if (known === undefined) {
      known = this.peakOf(place)?.pressure ?? Number.NaN;
      this.#pressures[place] = known;
    }
    return Number.isNaN(known) ? undefined : known;
  }

  /** Minutes that a partition is expected to spend above its capacity. */
  overloadOf(place: number): number {
    this.#overloads[place] ??= this.overloadWith(place, {}, 1);
    return this.#overloads[place];
  }

  /** With `added` on top (or, with `sign` -1, gone). */
  overloadWith(place: number, added: Shift, sign: 1 | -1): number {
    const worst = zeros(this.steps);
    for (const flow of this.#bounded) {
      const bound = this.#bounds[flow][place]!;
      if (Number.isNaN(bound)) continue;
      const [shift, more, rows] = [this.#shift[flow], added[flow], this.#ahead[flow][place]];
      const now = this.partitions[place]!.demand[flow];
      for (let step = 0; step < this.steps; step++) {
        const off = shift[place * this.steps + step]! + (more === undefined ? 0 : sign * more[step]!);
        const row = step === 0 ? undefined : rows?.[step - 1];
        const prob = row === undefined ? Number(now > bound - off) : probAbove(row, bound - off);
        if (prob > worst[step]!) worst[step] = prob;
      }
    }
    let minutes = 0;
    for (let step = 0; step < this.steps; step++) minutes += (worst[step]! * this.time.stepSec(step)) / 60;
    return minutes;
  }

  /** First moment (seconds from now) at which q90 passes `share` of a capacity; undefined: none is seen. */
  crossingSec(place: number, share: number): number | undefined {
    let first = this.steps;
    for (const flow of this.#bounded) {
      const limit = share * this.#bounds[flow][place]!;
      for (let step = 0; step < first; step++) if (this.high(place, flow, step) > limit) first = step;
    }
    return first === this.steps ? undefined : this.time.beginsInSec(first);
  }

  /** What a part of an area's flow is in a step. */
  loadOf(area: AreaId, share: number, flow: Flow, step: number): number {
    const ahead = step === 0 ? undefined : this.#prediction?.areas.get(area)?.[flow]?.[step - 1];
    return share * (ahead ?? this.#view.areas.get(area)?.demand[flow] ?? 0);
  }

  /** What a part of an area's reads, and of its writes, is in each step. */
  shiftOf(area: AreaId, readShare: number, writeShare: number): Shift {
    const shift: Shift = {};
    const ahead = this.#prediction?.areas.get(area);
    const now = this.#view.areas.get(area)?.demand;
    for (const flow of this.#bounded) {
      const share = flow.startsWith('read') ? readShare : writeShare;
      if (!(share > 0)) continue;
      const rows = ahead?.[flow];
      shift[flow] = filled(
        this.steps,
        (step) => share * ((step === 0 ? undefined : rows?.[step - 1]) ?? now?.[flow] ?? 0),
      );
    }
    return shift;
  }

  /** From now on planning goes on as if it were so. */
  move(shift: Shift, from: number | undefined, to: number | undefined): void {
    for (const flow of flows) {
      const rows = shift[flow];
      if (rows === undefined) continue;
      for (let step = 0; step < this.steps; step++) {
        if (from !== undefined) this.#add(flow, from, step, -rows[step]!);
        if (to !== undefined) this.#add(flow, to, step, rows[step]!);
      }
    }
  }

  #add(flow: Flow, place: number, step: number, load: number): void {
    const at = place * this.steps + step;
    this.#shift[flow][at] = this.#shift[flow][at]! + load;
    this.#pressures[place] = undefined;
    this.#overloads[place] = undefined;
  }

  /** What a move that runs will have brought about: not yet now, if there is anything ahead. */
  #expect(move: Extract<View['underWay'][number], { kind: 'move' }>): void {
    const shift = this.shiftOf(move.area, move.readShareLeft, 0);
    if (this.steps > 1) for (const rows of Object.values(shift)) rows[0] = 0;
    this.move(shift, this.placeOf.get(move.from), this.placeOf.get(move.to));
  }

  /** In some step there is something for its echoes to do. */
  #isBusy(place: number): boolean {
    const from = busyFrom * this.#bounds.readOps[place]!;
    for (let step = 0; step < this.steps; step++) if (this.high(place, 'readOps', step) > from) return true;
    return false;
  }

  /** Echoes: who is at its q90 meets neighbours as they are in the middle. */
  #steer(links: readonly (EchoLinks | undefined)[]): void {
    const middle = rowsAt(this.#ahead.readOps, this.partitions, 'readOps', this.steps, median);
    const count = this.partitions.length;
    for (let step = 0; step < this.steps; step++) {
      const high = filled(count, (place) => this.high(place, 'readOps', step));
      if (!isAnyEased(high, this.#bounds.readOps, links)) continue;
      const of = (rows: number[], place: number): number => rows[place * this.steps + step]!;
      const usual = filled(count, (place) => of(middle, place) + of(this.#shift.readOps, place));
      const eased = steerEach(high, usual, this.#bounds.readOps, links);
      for (let place = 0; place < count; place++) {
        const off = eased[place]! - high[place]!;
        if (off === 0) continue;
        const part = high[place]! > 0 ? off / high[place]! : 0;
        this.#add('readBytes', place, step, part * this.high(place, 'readBytes', step)); // with the requests
        this.#add('readOps', place, step, off);
      }
    }
  }
}
