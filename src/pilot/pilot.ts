// The pilot's door: what the leader does besides upkeep. It watches demand and keeps it, has it forecast, and plans what to do about it.
import type { Clock } from '../base/clock.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Forecaster } from '../forecast/forecast.ts';
import { type Capacity, unknownCapacity } from '../model/capacity.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import type { Metadata } from '../model/metadata.ts';
import type { CounterStore } from '../telemetry/telemetry.ts';
import { type Control, DoerLoop, type DoerStatus } from '../upkeep/upkeep.ts';
import { type AreaDescribed, areaNames, describeArea } from './describe-area.ts';
import {
  describeForecast,
  describeMap,
  type ForecastsShown,
  type PartitionFact,
  type PartitionShown,
} from './describe-fleet.ts';
import { type Forecasting, ForecastKeeper } from './forecast-keeper.ts';
import { openPlanning, type Planning, type PlanningOptions } from './planning.ts';
import { RingKeeper } from './ring-keeper.ts';

export type { ActResult, Acts, Moved } from './acts.ts';
export { replay } from './decide.ts';
export type { AreaDescribed } from './describe-area.ts';
export { type ForecastsShown, type PartitionFact, type PartitionShown, quantileOf } from './describe-fleet.ts';
export type { Forecasting } from './forecast-keeper.ts';
export type { Decision, StepResult } from './journal.ts';
export { PlanRefused } from './plan-keeper.ts';
export type { Planning, PlanningStatus } from './planning.ts';
export type { PartitionPlace } from './read-view.ts';

export interface PilotOptions extends PlanningOptions {
  readonly catalog: Catalog;
  readonly control: Control;
  readonly counters: CounterStore;
  readonly clock: Clock;
  /** False: the catalog may not grow now. */
  readonly hasRoom: () => Promise<boolean>;
  /** Counts of a second arrive so much later at most. */
  readonly settleSec: number;
  readonly forecaster: Forecaster;
  /** In bins of five minutes. */
  readonly horizons: readonly number[];
  /** So many series, the hottest, have boosted trees. */
  readonly treesMax: number;
  /** Those that there are now. */
  readonly partitions: () => readonly Omit<PartitionFact, 'capacity'>[];
  readonly quotas: () => ReadonlyMap<PartitionId, Capacity>;
  /** By the configuration. */
  readonly declared: Metadata;
  readonly onError: (doer: string, error: unknown) => void;
}

export interface Pilot {
  status(): readonly DoerStatus[];
  forecasting(): Forecasting;
  map(): Promise<PartitionShown[]>;
  /** A sentence where none is meant, or several. */
  area(name: string): Promise<AreaDescribed | string>;
  /** `bucket/key` where each begins. */
  areaNames(areas: ReadonlySet<AreaId>): Promise<ReadonlyMap<AreaId, string>>;
  forecasts(): Promise<ForecastsShown>;
  readonly planning: Omit<Planning, 'counting' | 'ticking'>;
  stop(): Promise<void>;
}

const startCalmMs = 5000;

export function startPilot(options: PilotOptions): Pilot {
  const { clock, onError, forecaster } = options;
  const stopping = new AbortController();
  const runner = { clock, signal: stopping.signal, onError, everyMsMax: Number.POSITIVE_INFINITY };
  const forecasts = new ForecastKeeper({ ...options, partitions: () => options.partitions().map(({ id }) => id) });
  const facts = () => {
    const capacities = forecasts.capacities();
    return {
      catalog: options.catalog,
      nowSec: clock.wallMs() / 1000,
      partitions: options.partitions().map((one) => ({
        ...one,
        capacity: capacities.get(one.id) ?? unknownCapacity,
      })),
    };
  };
  const planning = openPlanning(options, forecasts);
  const later = { ...runner, firstAfterMs: startCalmMs };
  const loops = [
    new DoerLoop([new RingKeeper(options)], runner),
    new DoerLoop([forecasts], later),
    new DoerLoop([planning.counting, planning.ticking], later),
  ];
  const ended = Promise.allSettled(loops.map((loop) => loop.ended));
  return {
    status: () => loops.flatMap((loop) => loop.status()),
    forecasting: () => forecasts.current(),
    map: () => describeMap(facts()),
    area: (name) =>
      describeArea(
        {
          ...options,
          nowSec: clock.wallMs() / 1000,
          counted: planning.holdings(),
          forecast: forecasts.current().forecast,
          hottest: (count, nowSec) => options.counters.hottest(count, nowSec),
        },
        name,
      ),
    areaNames: (areas) => areaNames(options.catalog, areas),
    forecasts: () => describeForecast(facts(), forecasts.current()),
    planning,
    async stop() {
      stopping.abort();
      await forecaster.close();
      await ended;
    },
  };
}
