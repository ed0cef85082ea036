// The part of the pilot that watches and forecasts the fleet, as its process starts it and answers for it.
import { minuteMs } from '../base/units.ts';
import { ThreadedForecaster } from '../forecast/adapters/threaded-forecaster.ts';
import type { TrialOrders } from '../main/trial-orders.ts';
import { type Pilot, startPilot } from '../pilot/pilot.ts';
import type { Metrics } from '../telemetry/telemetry.ts';
import type { Control, DoerStatus } from '../upkeep/upkeep.ts';
import { setFleetMetrics } from './fleet-metrics.ts';
import { grantedCapacities } from './granted-capacity.ts';
import type { Ground } from './open-ground.ts';
import { Refusal } from './refusal.ts';

const stepMs = 5 * minuteMs;
/** Counts of a second arrive so much later at most, by the machine's clock. */
const settleSec = 2;

type Params = Readonly<Record<string, unknown>>;

export interface WatchedFleet {
  readonly pilot: Pilot;
  status(): readonly DoerStatus[];
  setMetrics(metrics: Metrics): Promise<void>;
  map(params: Params): Promise<object>;
  forecast(params: Params): Promise<object>;
  stop(): Promise<void>;
}

export function watchFleet(
  { config, catalog, counters, log, space, partitions }: Ground,
  control: Control,
  trial: TrialOrders | undefined,
): WatchedFleet {
  if (counters.store === undefined) throw new Error('there are no counters to watch');
  const pilot = startPilot({
    catalog,
    control,
    counters: counters.store,
    clock: counters.clock,
    hasRoom: () => space.hasRoom(),
    settleSec: settleSec * (trial?.demandClock?.factor ?? 1),
    forecaster: new ThreadedForecaster(),
    horizons: [...new Set(config.forecastHorizonsMs.map((each) => Math.max(1, Math.round(each / stepMs))))],
    treesMax: config.forecastTreesMax,
    partitions: () =>
      partitions
        .live()
        .map(({ id, capacityDomain, failureDomain, duty }) => ({ id, capacityDomain, failureDomain, duty })),
    quotas: () => grantedCapacities(partitions.live(), config.capacityDomains),
    declared: config,
    onError: (doer, error) => log.error({ doer, err: error }, 'the pilot failed; it tries again'),
  });
  return {
    pilot,
    status: () => pilot.status(),
    setMetrics: (metrics) => setFleetMetrics(metrics, pilot, counters.clock.wallMs() / 1000),
    map: async (params) => ({ partitions: ofPartition(await pilot.map(), ({ id }) => id, params) }),
    async forecast(params) {
      const forecasts = await pilot.forecasts();
      return { ...forecasts, partitions: ofPartition(forecasts.partitions, ({ partition }) => partition, params) };
    },
    stop: () => pilot.stop(),
  };
}

/** All of them, or the one that was asked for. */
function ofPartition<T>(all: readonly T[], idOf: (one: T) => string, { partition }: Params): readonly T[] {
  if (partition === undefined) return all;
  const found = all.filter((one) => idOf(one) === partition);
  if (found.length === 0 && all.length > 0) throw new Refusal('not-found', `there is no partition ${partition}`);
  return found;
}
