// The series of all areas: fed bin by bin, born with a past or none, dropped when they are no more.
import type { AreaId } from '../model/ids.ts';
import { AreaSeries } from './area-series.ts';
import { declaredOf, type FleetDeclared } from './declared.ts';
import { type AreaPast, type FleetBin, type Flow, flows } from './fleet.ts';
import { FleetHabits } from './fleet-habits.ts';
import { lastOf, meanOf } from './origin.ts';

const daySec = 86_400;
const pastSec = 35 * daySec;
/** Idle for so long: let go. */
const idleSec = 14 * daySec;
/** So many series are replayed whole; in larger fleets each is remembered whole and forecast for a shorter while. */
const wholeReplays = 40;
const replaySecMin = 5 * daySec;
const pooledSec = 3 * daySec;
/** More is no load; sums of such still are numbers. */
const loadMax = 1e18;

export class FleetAreas {
  readonly #stepSec: number;
  readonly #horizons: readonly number[];
  readonly #treesMax: number;
  readonly #series = new Map<AreaId, Map<Flow, AreaSeries>>();
  readonly #activeBin = new Map<AreaId, number>();
  readonly #habits: ReadonlyMap<Flow, FleetHabits>;
  #declared: FleetDeclared | undefined;

  /** `horizons`: in bins, 1 among them. */
  constructor(stepSec: number, horizons: readonly number[], treesMax: number) {
    this.#stepSec = stepSec;
    this.#horizons = horizons;
    this.#treesMax = treesMax;
    const targets = horizons.flatMap((horizon) => (horizon === 1 ? [meanOf(1)] : [meanOf(horizon), lastOf(horizon)]));
    this.#habits = new Map(flows.map((flow) => [flow, new FleetHabits(stepSec, targets)]));
  }

  /** From the next bin on, and for all that is remembered from here. */
  declare(declared: FleetDeclared | undefined): void {
    if (declared === undefined && this.#declared === undefined) return;
    this.#declared = declared;
    for (const [area, of] of this.#series) {
      for (const [flow, series] of of) series.forecaster.declare(declaredOf(declared, area, flow));
    }
  }

  /** Every series that was ever asked anything. */
  all(): AreaSeries[] {
    return [...this.#series.values()].flatMap((of) => [...of.values()]);
  }

  get ids(): Iterable<AreaId> {
    return this.#series.keys();
  }

  /** Where the longest past of a flow begins. */
  firstBin(flow: Flow): number {
    let first = Number.POSITIVE_INFINITY;
    for (const of of this.#series.values()) first = Math.min(first, of.get(flow)?.firstBin ?? first);
    return first;
  }

  of(area: AreaId, flow: Flow): AreaSeries | undefined {
    return this.#series.get(area)?.get(flow);
  }

  /** Takes pasts that end with the bin `newestBin`; who was known already begins anew with it. */
  remember(pasts: readonly AreaPast[], newestBin: number): void {
    const before = this.all().length;
    const fresh = pasts.flatMap((past) => {
      this.drop(past.area);
      this.#series.set(past.area, new Map());
      this.#activeBin.set(past.area, newestBin);
      return flows.flatMap((flow) => {
        const cut = this.#cut(past, flow, newestBin);
        return cut === undefined ? [] : [{ area: past.area, flow, ...cut }];
      });
    });
    const replaySec = Math.max(replaySecMin, (pastSec * wholeReplays) / Math.max(wholeReplays, before + fresh.length));
    const withTrees = this.#hottest(fresh);
    // Those with days behind them first: the others learn from them.
    fresh.sort((a, b) => a.firstBin - b.firstBin);
    let pooled = false;
    for (const each of fresh) {
      const isYoung = (newestBin - each.firstBin) * this.#stepSec < 2 * daySec;
      if (isYoung && !pooled && before === 0)
        pooled = this.#learnHabits(newestBin, Math.round(pooledSec / this.#stepSec));
      const series = this.#add(each.area, each.flow, each.firstBin, withTrees.has(each));
      series.replay(each.values, Math.round(replaySec / this.#stepSec));
    }
    if (!pooled && before === 0) this.#learnHabits(newestBin, Math.round(pooledSec / this.#stepSec));
  }

  /** A bin that follows the newest one. Returns the areas that were let go: nobody has asked them anything for two weeks. */
  push(bin: number, areas: FleetBin['areas']): AreaId[] {
    for (const [area, values] of areas ?? []) {
      if (flows.some((flow) => values[flow] > 0)) this.#activeBin.set(area, bin);
      for (const flow of flows) {
        if (!(values[flow] > 0) || this.of(area, flow) !== undefined) continue;
        this.#add(area, flow, bin, this.#withTrees() < this.#treesMax);
      }
    }
    const idle: AreaId[] = [];
    for (const [area, of] of this.#series) {
      for (const [flow, series] of of)
        series.push(areas === undefined ? Number.NaN : sound(areas.get(area)?.[flow] ?? 0));
      if ((bin - this.#activeBin.get(area)!) * this.#stepSec > idleSec) idle.push(area);
    }
    for (const area of idle) this.drop(area);
    this.#learnHabits(bin, 1);
    return idle;
  }

  drop(area: AreaId): void {
    this.#series.delete(area);
    this.#activeBin.delete(area);
  }

  #withTrees(): number {
    return this.all().filter(({ withTrees }) => withTrees).length;
  }

  #add(area: AreaId, flow: Flow, firstBin: number, withTrees: boolean): AreaSeries {
    const declared = declaredOf(this.#declared, area, flow);
    const [stepSec, horizons, habits] = [this.#stepSec, this.#horizons, this.#habits.get(flow)!];
    const series = new AreaSeries({ area, flow, firstBin, stepSec, horizons, withTrees, habits, declared });
    const of = this.#series.get(area) ?? new Map<Flow, AreaSeries>();
    this.#series.set(area, of.set(flow, series));
    return series;
  }

  /** The last weeks of a past, from the first bin that was asked anything on; undefined: it never was. */
  #cut(
    { startSec, values }: AreaPast,
    flow: Flow,
    newestBin: number,
  ): { firstBin: number; values: Float64Array } | undefined {
    const pastBin = Math.round(startSec / this.#stepSec);
    const oldest = newestBin - Math.round(pastSec / this.#stepSec) + 1;
    const all = values[flow];
    const from = all.findIndex((value, at) => value > 0 && pastBin + at >= oldest && pastBin + at <= newestBin);
    if (from < 0) return undefined;
    const firstBin = pastBin + from;
    return {
      firstBin,
      values: Float64Array.from({ length: newestBin - firstBin + 1 }, (_, at) => sound(all[from + at] ?? Number.NaN)),
    };
  }

  /** Those of the fleet's hottest series that may have trees; flows are counted in parts of their sums, bytes beside requests. */
  #hottest<S extends { readonly flow: Flow; readonly values: Float64Array }>(fresh: readonly S[]): Set<S> {
    const level = ({ values }: S): number => {
      const day = values.subarray(-Math.round(daySec / this.#stepSec)).filter((value) => Number.isFinite(value));
      return day.length === 0 ? 0 : day.reduce((sum, value) => sum + value, 0) / day.length;
    };
    const levels = new Map(fresh.map((each) => [each, level(each)]));
    const totals = new Map(
      flows.map((flow) => [flow, fresh.reduce((sum, each) => sum + (each.flow === flow ? levels.get(each)! : 0), 0)]),
    );
    const part = (each: S): number => levels.get(each)! / (totals.get(each.flow)! || 1);
    const free = Math.max(0, this.#treesMax - this.#withTrees());
    return new Set([...fresh].sort((a, b) => part(b) - part(a)).slice(0, free));
  }

  /** What happened in the last `bins` bins is taken into what the fleet has in common. */
  #learnHabits(newestBin: number, bins: number): true {
    for (const [flow, habits] of this.#habits) {
      const known = [...this.#series.values()].flatMap((of) => of.get(flow) ?? []).filter(({ isYoung }) => !isYoung);
      if (known.length === 0) continue;
      for (let bin = newestBin - bins + 1; bin <= newestBin; bin++) habits.learn(known, bin);
    }
    return true;
  }
}

/** Not measured, or no load: NaN. */
const sound = (value: number): number => (value >= 0 ? Math.min(loadMax, value) : Number.NaN);
