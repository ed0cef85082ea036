// Feeds the forecaster each finished bin and holds what it said last. Until it has said anything, and when what it said is too old, there is
// no forecast: nobody is shown a stale one as if it were new.
import type { Clock } from '../base/clock.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { AreaPast, FleetForecast, FleetLayout, Forecaster } from '../forecast/forecast.ts';
import type { Capacity } from '../model/capacity.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import type { Metadata } from '../model/metadata.ts';
import { type BinCounts, rings } from '../telemetry/telemetry.ts';
import type { Doer } from '../upkeep/upkeep.ts';
import { demandOf, pastOf, sharesOf } from './demand-series.ts';
import { estimateCapacity } from './estimate-capacity.ts';
import { Lineage } from './lineage.ts';
import { readFleetDeclared } from './read-declared.ts';
import { readLineage } from './read-lineage.ts';
import { readRing } from './read-rings.ts';

export interface ForecastDeps {
  readonly catalog: Catalog;
  readonly forecaster: Forecaster;
  readonly clock: Clock;
  readonly settleSec: number;
  /** In bins. */
  readonly horizons: readonly number[];
  readonly treesMax: number;
  /** Those that there are now. */
  readonly partitions: () => readonly PartitionId[];
  /** What the operator granted. */
  readonly quotas: () => ReadonlyMap<PartitionId, Capacity>;
  /** What the configuration declares; what is declared at run time stands in the catalog. */
  readonly declared: Metadata;
}

/** The bins that are forecast. */
export const forecastStepSec = 300;
const rememberedSec = rings.find(({ stepSec }) => stepSec === forecastStepSec)!.keptSec;
/** The ring keeper needs a moment more than the counters. */
const keptAfterSec = 3;
/** By what was asked of late, for shares and capacities. */
const sharesSec = 3600;
const capacitySec = 7 * 86_400;
const estimateEverySec = 3600;
/** An area of which less is left is not worth a series: so many seconds without any demand. */
const forgottenSec = 14 * 86_400;
/** A forecast is of use until so long after its bin ended. */
const freshSec = 2 * forecastStepSec;
/** After a longer gap, or a clock that jumped, it begins anew instead of walking through it. */
const caughtUpSecMax = 86_400;

export interface Forecasting {
  /** Undefined: none yet, or none that is fresh. */
  readonly forecast: FleetForecast | undefined;
  readonly because: string;
}

export class ForecastKeeper implements Doer {
  readonly name = 'forecast';
  readonly everyMs = 1000;
  readonly #deps: ForecastDeps;
  #known: Set<AreaId> | undefined;
  /** What the forecaster's pasts were made with. */
  #lineage = new Lineage([]);
  /** Start of the next bin that the forecaster is owed. */
  #nextSec = 0;
  #forecast: FleetForecast | undefined;
  #failure: string | undefined;
  /** While it begins: what it is at. */
  #learning: string | undefined;
  /** Of partitions for which nothing was granted. */
  #estimates: ReadonlyMap<PartitionId, Capacity> = new Map();
  #estimatedSec = Number.NEGATIVE_INFINITY;

  constructor(deps: ForecastDeps) {
    this.#deps = deps;
  }

  current(): Forecasting {
    const nowSec = this.#deps.clock.wallMs() / 1000;
    const forecast = this.#forecast;
    const waits = this.#learning ?? this.#failure;
    if (forecast === undefined) return { forecast, because: waits ?? 'the first bin of five minutes is not over yet' };
    const ageSec = nowSec - (forecast.originSec + forecast.stepSec);
    if (ageSec <= freshSec + this.#settleSec) return { forecast, because: 'fresh' };
    const why = waits === undefined ? '' : ` (${waits})`;
    return { forecast: undefined, because: `the last forecast is ${Math.round(ageSec / 60)} minutes old${why}` };
  }

  get #settleSec(): number {
    return this.#deps.settleSec + keptAfterSec;
  }

  capacities(): ReadonlyMap<PartitionId, Capacity> {
    return new Map([...this.#estimates, ...this.#deps.quotas()]);
  }

  async tick(): Promise<void> {
    const nowSec = this.#deps.clock.wallMs() / 1000;
    const overSec = Math.floor((nowSec - this.#settleSec) / forecastStepSec) * forecastStepSec;
    try {
      if (!this.#isAbreast(overSec)) {
        const bins = await this.#ring(0, overSec);
        if (bins.length === 0) return;
        await this.#begin(bins, overSec - forecastStepSec);
      }
      while (this.#nextSec < overSec) await this.#push(this.#nextSec);
      this.#failure = undefined;
    } catch (error) {
      this.#learning = undefined;
      this.#known = undefined;
      this.#failure = `the forecaster failed: ${(error as Error).message}`;
      throw error;
    }
  }

  #isAbreast(overSec: number): boolean {
    const owedSec = overSec - this.#nextSec;
    return this.#known !== undefined && owedSec >= -forecastStepSec && owedSec <= caughtUpSecMax;
  }

  /** With all that is kept, up to the last bin but one; the last is pushed, so that there is a forecast at once. */
  async #begin(all: readonly BinCounts[], untilSec: number): Promise<void> {
    const { forecaster, horizons, treesMax } = this.#deps;
    const bins = all.filter(({ startSec }) => startSec < untilSec);
    const areas = areasOf(bins.filter(({ startSec }) => startSec >= untilSec - forgottenSec));
    const lineage = await this.#lineageUntil(untilSec);
    this.#learning = `it is learning from ${bins.length} bins of ${areas.length} areas`;
    await forecaster.begin(
      { stepSec: forecastStepSec, horizons, treesMax },
      pastsOf(areas, bins, lineage, untilSec),
      await this.#layout(untilSec + forecastStepSec, firstOf(bins) ?? untilSec),
    );
    this.#known = new Set(areas);
    this.#lineage = lineage;
    this.#nextSec = untilSec;
  }

  async #push(startSec: number): Promise<void> {
    const [bin] = await this.#ring(startSec, startSec + 1);
    const counts = bin ?? { startSec, seconds: 0, demand: [], served: [] };
    const lineage = await this.#lineageUntil(startSec + forecastStepSec);
    const { changed, gone } = lineage.changedSince(this.#lineage);
    const unknown = areasOf([counts]).filter((area) => !this.#known!.has(area));
    const fresh = [...new Set([...unknown, ...changed])];
    const bins = fresh.length === 0 ? [] : await this.#ring(0, startSec);
    const layout = await this.#layout(startSec + forecastStepSec, firstOf(bins) ?? startSec);
    this.#forecast = await this.#deps.forecaster.push(
      demandOf(counts, forecastStepSec),
      { ...layout, gone },
      pastsOf(fresh, bins, lineage, startSec),
    );
    this.#learning = undefined;
    for (const area of fresh) this.#known!.add(area);
    for (const area of gone) this.#known!.delete(area);
    this.#lineage = lineage;
    this.#nextSec = startSec + forecastStepSec;
  }

  #ring(fromSec: number, toSec: number): Promise<BinCounts[]> {
    return readRing(this.#deps.catalog, forecastStepSec, fromSec, toSec);
  }

  /** As far back as bins of this size are kept. */
  #lineageUntil(toSec: number): Promise<Lineage> {
    return readLineage(this.#deps.catalog, toSec - rememberedSec, toSec);
  }

  /** `knownSec`: who learns from the past begins there. */
  async #layout(untilSec: number, knownSec: number): Promise<FleetLayout> {
    const { catalog, declared, horizons } = this.#deps;
    const toSec = untilSec + Math.max(...horizons) * forecastStepSec;
    const shares = sharesOf(await this.#ring(untilSec - sharesSec, untilSec));
    await this.#estimate(untilSec);
    return {
      shares,
      capacities: this.capacities(),
      declared: await readFleetDeclared(catalog, declared, { fromSec: knownSec, toSec }),
    };
  }

  /** An estimate is slow: it is made anew each hour, and when a partition has come or gone. */
  async #estimate(untilSec: number): Promise<void> {
    const quotas = this.#deps.quotas();
    const lacking = this.#deps.partitions().filter((id) => !quotas.has(id));
    const isSame = lacking.length === this.#estimates.size && lacking.every((id) => this.#estimates.has(id));
    if (isSame && (lacking.length === 0 || untilSec < this.#estimatedSec + estimateEverySec)) return;
    this.#estimatedSec = untilSec;
    const week = lacking.length === 0 ? [] : await this.#ring(untilSec - capacitySec, untilSec);
    this.#estimates = new Map(lacking.map((id) => [id, estimateCapacity(id, week, forecastStepSec)]));
  }
}

function pastsOf(areas: readonly AreaId[], bins: readonly BinCounts[], lineage: Lineage, untilSec: number): AreaPast[] {
  const span = { startSec: firstOf(bins) ?? untilSec, untilSec, stepSec: forecastStepSec };
  const demand = bins.map((bin) => demandOf(bin, forecastStepSec));
  return areas.map((area) => pastOf(area, demand, lineage, span));
}

const firstOf = (bins: readonly BinCounts[]): number | undefined => bins[0]?.startSec;

const areasOf = (bins: readonly BinCounts[]): AreaId[] => [
  ...new Set(bins.flatMap(({ demand }) => demand.map(({ area }) => area))),
];
