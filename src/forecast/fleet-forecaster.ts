// From areas to partitions: holds a series per area and flow, puts partitions together from them under the present shares, and says of each what
// it will be asked, how near that is to what it can do, and when it passes it. The same code for the gateway, the simulator and the bench.
import type { AreaId, PartitionId } from '../model/ids.ts';
import { describeArea, describeFlow, describeNothing, explainPartition } from './describe-flow.ts';
import { expectedOf } from './expected.ts';
import { type Fan, fanOf } from './fan.ts';
import {
  type AreaPast,
  type Crossing,
  type FleetBin,
  type FleetForecast,
  type FleetLayout,
  type FleetOptions,
  type Flow,
  type FlowForecast,
  flows,
  type PartitionScore,
} from './fleet.ts';
import { FleetAreas } from './fleet-areas.ts';
import { FleetPartitions } from './fleet-partitions.ts';
import { KnownShares } from './known-shares.ts';
import { bestPressure, boundOf, crossingsOf, scoreOf } from './pressure.ts';
import { RefitTurns } from './refit-turns.ts';
import type { Part } from './sum-areas.ts';
import { WindowMaxima } from './window-max.ts';

/** After a longer silence nothing that was learnt says anything of now. */
const gapSecMax = 7 * 86_400;
/** All partitions whose capacity is known, as one; no partition has this name. */
const everything = '*';
const horizonMax = 288;

export class FleetForecaster {
  readonly #stepSec: number;
  /** As asked for, and with 1 among them: the fan begins there. */
  readonly #horizons: readonly number[];
  readonly #targets: readonly number[];
  readonly #treesMax: number;
  readonly #turns: RefitTurns;
  readonly #shares = new KnownShares();
  readonly #maxima = new WindowMaxima();
  #areas: FleetAreas;
  #partitions: FleetPartitions;
  #newestBin: number | undefined;

  /**
   * Begins with the pasts of areas, all up to the latest end of any. A past of 35 days costs most of a second of work per series in a small
   * fleet; in a large one less of it is forecast again. Horizons that are no whole numbers of bins from 1 to 288 are left out.
   */
  constructor(options: FleetOptions, past: readonly AreaPast[], layout: FleetLayout) {
    const { stepSec, horizons, treesMax, refitsPerBinMax } = options;
    this.#stepSec = stepSec;
    this.#horizons = [...new Set(horizons)]
      .filter((each) => Number.isInteger(each) && each >= 1 && each <= horizonMax)
      .sort(byValue);
    this.#targets = [...new Set([1, ...this.#horizons])].sort(byValue);
    this.#treesMax = treesMax;
    this.#turns = new RefitTurns(stepSec, refitsPerBinMax);
    [this.#areas, this.#partitions] = this.#empty();
    const ends = past.map(({ startSec, values }) => Math.round(startSec / stepSec) + values[flows[0]!].length);
    if (past.length === 0) this.#shares.update(layout.shares);
    else this.#begin(past, Math.max(...ends) - 1, layout);
  }

  /**
   * Takes a bin, learns from it, and forecasts from it. Bins that were left out count as not measured; one that came before changes nothing.
   * `past`: of areas that are new, or whose keys changed, up to the bin before.
   */
  push(bin: FleetBin, layout: FleetLayout, past: readonly AreaPast[]): FleetForecast {
    const now = Math.round(bin.startSec / this.#stepSec);
    if (this.#newestBin !== undefined && now - this.#newestBin > gapSecMax / this.#stepSec) {
      [this.#areas, this.#partitions] = this.#empty();
      this.#newestBin = undefined;
    }
    this.#newestBin ??= now - 1;
    this.#areas.declare(layout.declared);
    if (now > this.#newestBin) {
      while (this.#newestBin < now - 1) this.#take(undefined, layout);
      if (past.length > 0) this.#areas.remember(past, this.#newestBin);
      for (const area of layout.gone ?? []) {
        this.#areas.drop(area);
        this.#shares.forget(area);
      }
      this.#shares.update(layout.shares);
      this.#take(bin.areas, layout);
      this.#turns.take([...this.#areas.all(), ...this.#partitions.all()]);
    }
    return this.#forecast(layout);
  }

  /** What each of these areas will be asked, as of the newest bin; areas that are not known are left out. */
  areas(ids: Iterable<AreaId>): ReadonlyMap<AreaId, readonly FlowForecast[]> {
    const described = new Map<AreaId, readonly FlowForecast[]>();
    const known = new Set(this.#areas.ids);
    for (const id of ids) {
      if (!known.has(id)) continue;
      const each = flows.flatMap((flow) => {
        const series = this.#areas.of(id, flow);
        return series === undefined || series.answer.length === 0
          ? describeNothing(flow, this.#horizons)
          : describeArea(series, this.#horizons, this.#stepSec);
      });
      described.set(id, each);
    }
    return described;
  }

  /** What lies on a partition now: for whoever compares other ways to put it together. */
  parts(partition: PartitionId, flow: Flow): readonly Part[] {
    return this.#partitions.of(partition, flow)?.parts ?? [];
  }

  #empty(): [FleetAreas, FleetPartitions] {
    return [
      new FleetAreas(this.#stepSec, this.#targets, this.#treesMax),
      new FleetPartitions(this.#stepSec, this.#targets),
    ];
  }

  #begin(past: readonly AreaPast[], newestBin: number, layout: FleetLayout): void {
    this.#shares.update(layout.shares);
    this.#areas.declare(layout.declared);
    this.#areas.remember(past, newestBin);
    this.#newestBin = newestBin;
    this.#build(layout);
  }

  #take(areas: FleetBin['areas'], layout: FleetLayout): void {
    this.#newestBin = this.#newestBin! + 1;
    for (const idle of this.#areas.push(this.#newestBin, areas)) this.#shares.forget(idle);
    this.#build(layout);
  }

  #build(layout: FleetLayout): void {
    const partitions = this.#names(layout);
    const bin = this.#newestBin!;
    this.#partitions.keepOnly(new Set([...partitions, everything]));
    this.#partitions.push(this.#areas, this.#shares, partitions, bin);
    const bounded = new Map(
      flows.map((flow) => [
        flow,
        partitions.filter((each) => boundOf(layout.capacities.get(each), flow) !== undefined),
      ]),
    );
    this.#partitions.pushSum(everything, this.#areas, this.#shares, bounded, bin);
  }

  #names({ capacities }: FleetLayout): PartitionId[] {
    return [...new Set([...capacities.keys(), ...this.#shares.partitions])].filter((each) => each !== everything);
  }

  #forecast(layout: FleetLayout): FleetForecast {
    const originSec = this.#newestBin! * this.#stepSec;
    const names = this.#names(layout);
    const whole = this.#fans(everything);
    const best = bestOf(whole, names, layout);
    const partitions = new Map<PartitionId, readonly FlowForecast[]>();
    const scores: PartitionScore[] = [];
    const crossings: Crossing[] = [];
    for (const partition of names) {
      const fans = this.#fans(partition);
      partitions.set(partition, this.#describe(partition, fans));
      const capacity = layout.capacities.get(partition);
      scores.push(scoreOf({ partition, fans }, capacity, best, originSec, this.#stepSec));
      crossings.push(...crossingsOf({ partition, fans }, capacity, originSec, this.#stepSec));
    }
    const expected = expectedOf(this.#areas, this.#shares, whole, Math.max(...this.#targets));
    return { originSec, stepSec: this.#stepSec, partitions, scores, crossings, expected };
  }

  #fans(name: string): Map<Flow, Fan> {
    const fans = new Map<Flow, Fan>();
    for (const flow of flows) {
      const series = this.#partitions.of(name, flow);
      if (series === undefined || series.answer.length === 0) continue;
      fans.set(flow, fanOf(series, Math.max(...this.#targets), this.#stepSec));
    }
    return fans;
  }

  #describe(partition: PartitionId, fans: ReadonlyMap<Flow, Fan>): FlowForecast[] {
    return flows.flatMap((flow) => {
      const series = this.#partitions.of(partition, flow);
      const fan = fans.get(flow);
      if (series === undefined || fan === undefined) return describeNothing(flow, this.#horizons);
      const max = (horizon: number): Float64Array => this.#maxima.row(series, fan, horizon);
      return describeFlow(flow, series, fan, this.#horizons, max, (place) => explainPartition(series, place));
    });
  }
}

/** As if everything were spread in proportion to capacity, each flow over those whose capacity for it is known. */
function bestOf(
  whole: ReadonlyMap<Flow, Fan>,
  names: readonly PartitionId[],
  { capacities }: FleetLayout,
): number | undefined {
  const bounds = new Map<Flow, number>();
  for (const flow of flows) {
    const sum = names.reduce((all, each) => all + (boundOf(capacities.get(each), flow) ?? 0), 0);
    if (sum > 0) bounds.set(flow, sum);
  }
  return bounds.size === 0 ? undefined : bestPressure(whole, bounds);
}

const byValue = (a: number, b: number): number => a - b;
