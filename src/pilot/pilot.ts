// The pilot's door: what the leader does besides upkeep. It watches demand and keeps it, and has it forecast.
import type { Clock } from '../base/clock.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Forecaster } from '../forecast/forecast.ts';
import { type Capacity, unknownCapacity } from '../model/capacity.ts';
import type { PartitionId } from '../model/ids.ts';
import type { Metadata } from '../model/metadata.ts';
import type { CounterStore } from '../telemetry/telemetry.ts';
import { type Control, DoerLoop, type DoerStatus } from '../upkeep/upkeep.ts';
import {
  describeForecast,
  describeMap,
  type ForecastsShown,
  type PartitionFact,
  type PartitionShown,
} from './describe-fleet.ts';
import { type Forecasting, ForecastKeeper } from './forecast-keeper.ts';
import { RingKeeper } from './ring-keeper.ts';

export { type ForecastsShown, type PartitionFact, type PartitionShown, quantileOf } from './describe-fleet.ts';
export type { Forecasting } from './forecast-keeper.ts';

export interface PilotOptions {
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
  forecasts(): Promise<ForecastsShown>;
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
  const loops = [
    new DoerLoop([new RingKeeper(options)], runner),
    new DoerLoop([forecasts], { ...runner, firstAfterMs: startCalmMs }),
  ];
  const ended = Promise.allSettled(loops.map((loop) => loop.ended));
  return {
    status: () => loops.flatMap((loop) => loop.status()),
    forecasting: () => forecasts.current(),
    map: () => describeMap(facts()),
    forecasts: () => describeForecast(facts(), forecasts.current()),
    async stop() {
      stopping.abort();
      await forecaster.close();
      await ended;
    },
  };
}
