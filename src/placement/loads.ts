// The working table of one planning: what each partition will carry, step by step, after what echoes can take and what is under way, and what it
// would carry if a load moved. The first step is now, as measured; the others are predicted.
import { filled } from '../base/filled.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import { eachFlow, type Flow, flows } from '../model/load.ts';
import { boundOf } from './known-bound.ts';
import { linksOf } from './links-of.ts';
import { probAbove } from './prob-above.ts';
import { type EchoLinks, isAnyEased, steerEach } from './steer-reads.ts';
import { Steps } from './steps.ts';
import { type Prediction, type QuantileRow, quantileLevels, type SeenPartition, type View } from './view.ts';

const q90 = quantileLevels.indexOf(0.9);
const median = quantileLevels.indexOf(0.5);

/** A load per flow and step that may change hands; flows that are absent do not. */
export type Shift = Partial<Record<Flow, Float64Array>>;

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
  readonly #bounds: Readonly<Record<Flow, Float64Array>>;
  /** By flow, at place × steps + step: what q90 comes to. */
  readonly #high: Readonly<Record<Flow, Float64Array>>;
  /** By which rows are off: echoes, what is under way, what was planned. */
  readonly #shift: Readonly<Record<Flow, Float64Array>>;
  /** The least pressure that the fleet could have, everything spread in proportion to capacity. */
  readonly fleetPressure: number;
  /** Flows that some partition has a known bound for: the others decide nothing. */
  readonly #bounded: readonly Flow[];
  /** By place, as far as they were asked for. */
  readonly #pressures: (number | undefined)[] = [];

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
    this.#shift = eachFlow(() => new Float64Array(size));
    this.#high = eachFlow((flow) => (this.#bounded.includes(flow) ? this.#rowsAt(flow, q90) : new Float64Array(size)));
    for (const each of view.underWay) if (each.kind === 'move') this.#expect(each);
    if (withEchoes && view.echoed.size > 0) this.#steer(linksOf(view, this.placeOf));
    this.fleetPressure = this.#spreadPressure();
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
    const { untilSec = Number.POSITIVE_INFINITY, added, sign = 1 } = options;
    let peak: Peak | undefined;
    for (const flow of options.flows ?? this.#bounded) {
      const bound = this.#bounds[flow][place]!;
      if (Number.isNaN(bound)) continue;
      const more = added?.[flow];
      for (let step = 0; step < this.steps; step++) {
        if (step > 1 && this.time.beginsInSec(step) >= untilSec) break;
        const load = this.high(place, flow, step) + (more === undefined ? 0 : sign * more[step]!);
        const pressure = load / bound;
        if (peak === undefined || pressure > peak.pressure) peak = { pressure, flow, step };
      }
    }
    return peak;
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

  /** Minutes that a partition is expected to spend above its capacity, with `added` on top (or, with `sign` -1, gone). */
  overloadMinutes(place: number, added?: Shift, sign = 1): number {
    let minutes = 0;
    for (let step = 0; step < this.steps; step++) {
      let worst = 0;
      for (const flow of this.#bounded) {
        const bound = this.#bounds[flow][place]!;
        if (Number.isNaN(bound)) continue;
        const at = place * this.steps + step;
        const off = this.#shift[flow][at]! + (added?.[flow] === undefined ? 0 : sign * added[flow][step]!);
        worst = Math.max(worst, this.#probAbove(place, flow, step, bound - off));
      }
      minutes += (worst * this.time.stepSec(step)) / 60;
    }
    return minutes;
  }

  /** First moment (seconds from now) at which q90 passes `share` of a capacity; undefined: none is seen. */
  crossingSec(place: number, share: number): number | undefined {
    for (let step = 0; step < this.steps; step++) {
      for (const flow of this.#bounded) {
        if (this.high(place, flow, step) > share * this.#bounds[flow][place]!) return this.time.beginsInSec(step);
      }
    }
    return undefined;
  }

  /** What a part of an area's flow is in a step. */
  loadOf(area: AreaId, share: number, flow: Flow, step: number): number {
    const ahead = step === 0 ? undefined : this.#prediction?.areas.get(area)?.[flow];
    return share * (ahead?.[step - 1] ?? this.#view.areas.get(area)?.demand[flow] ?? 0);
  }

  /** What a part of an area's reads, and of its writes, is in each step. */
  shiftOf(area: AreaId, readShare: number, writeShare: number): Shift {
    const shift: Shift = {};
    for (const flow of this.#bounded) {
      const share = flow.startsWith('read') ? readShare : writeShare;
      if (share > 0) shift[flow] = filled(this.steps, (step) => this.loadOf(area, share, flow, step));
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
  }

  #rowsAt(flow: Flow, level: number): Float64Array {
    const { steps, partitions } = this;
    const values = new Float64Array(partitions.length * steps);
    for (let place = 0, at = 0; place < partitions.length; place++) {
      const rows = this.#ahead[flow][place];
      const now = partitions[place]!.demand[flow];
      for (let step = 0; step < steps; step++) values[at++] = (step === 0 ? undefined : rows?.[step - 1]?.[level]) ?? now;
    }
    return values;
  }

  /** What a move that runs will have brought about: not yet now, and in the steps ahead as far as it will be done by then. */
  #expect(move: Extract<View['underWay'][number], { kind: 'move' }>): void {
    const shift = this.shiftOf(move.area, move.readShareLeft, 0);
    for (const rows of Object.values(shift)) rows[0] = 0;
    this.move(shift, this.placeOf.get(move.from), this.placeOf.get(move.to));
  }

  /** Echoes: who is at its q90 meets neighbours as they are in the middle. */
  #steer(links: readonly (EchoLinks | undefined)[]): void {
    const middle = this.#rowsAt('readOps', median);
    const count = this.partitions.length;
    for (let step = 0; step < this.steps; step++) {
      const high = filled(count, (place) => this.high(place, 'readOps', step));
      if (!isAnyEased(high, this.#bounds.readOps, links)) continue;
      const of = (rows: Float64Array, place: number): number => rows[place * this.steps + step]!;
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

  #probAbove(place: number, flow: Flow, step: number, limit: number): number {
    const row = step === 0 ? undefined : this.#ahead[flow][place]?.[step - 1];
    return row === undefined ? Number(this.partitions[place]!.demand[flow] > limit) : probAbove(row, limit);
  }

  #spreadPressure(): number {
    let greatest = 0;
    for (const flow of this.#bounded) {
      let capacity = 0;
      let now = 0;
      for (let place = 0; place < this.partitions.length; place++) {
        const bound = this.#bounds[flow][place]!;
        if (Number.isNaN(bound) || this.partitions[place]!.duty !== 'online') continue;
        capacity += bound;
        now += this.partitions[place]!.demand[flow];
      }
      if (capacity <= 0) continue;
      greatest = Math.max(greatest, now / capacity);
      for (const row of this.#prediction?.fleet[flow]?.slice(0, this.steps - 1) ?? [])
        greatest = Math.max(greatest, row[q90]! / capacity);
    }
    return greatest;
  }
}
