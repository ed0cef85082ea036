// The part of the pilot that watches and forecasts the fleet, as its process starts it and answers for it.
import { minuteMs, secondMs } from '../base/units.ts';
import { type EchoMap, EchoMapAway } from '../echo/echo.ts';
import { ThreadedForecaster } from '../forecast/adapters/threaded-forecaster.ts';
import type { TrialOrders } from '../main/trial-orders.ts';
import type { Echo } from '../model/echo.ts';
import type { BlockId } from '../model/ids.ts';
import { type Acts, type Pilot, startPilot } from '../pilot/pilot.ts';
import { type Rules, usualRules } from '../placement/placement.ts';
import type { Metrics } from '../telemetry/telemetry.ts';
import type { DoerStatus, Upkeep } from '../upkeep/upkeep.ts';
import { setFleetMetrics } from './fleet-metrics.ts';
import { fleetPlaces } from './fleet-places.ts';
import { grantedCapacities } from './granted-capacity.ts';
import type { Ground } from './open-ground.ts';
import { answerPilot } from './pilot-calls.ts';
import { Refusal } from './refusal.ts';
import { inItsSeconds } from './trial-seconds.ts';

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
  /** What is asked of its planning. */
  call(method: string, params: Params): Promise<object>;
  stop(): Promise<void>;
}

export function watchFleet(
  { config, catalog, counters, log, metrics, partitions, space }: Ground,
  { control, epoch, logged }: Upkeep,
  acts: Acts,
  echoes: EchoMap,
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
    quotas: () => inItsSeconds(grantedCapacities(partitions.live(), config.capacityDomains), trial),
    declared: config,
    mode: config.pilotMode,
    everyMs: config.pilotTickMs,
    rules: rulesOf(config, trial),
    epoch,
    logged,
    places: () =>
      fleetPlaces({ catalog, seats: partitions.seats, reserveBytes: config.spaceReserveBytes }, partitions.live()),
    hasEchoes: hasEchoes(config),
    echoesOf: (blocks) => echoesOf(echoes, blocks),
    acts,
    onPlan: (cause) => metrics.pilotPlans.of(cause).add(1),
    onStep: (kind, outcome) => metrics.pilotSteps.of(kind, outcome).add(1),
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
    call: (method, params) => answerPilot(pilot, method, params),
    stop: () => pilot.stop(),
  };
}

/** Ticks and moves go at the pace that is configured. */
function rulesOf({ pilotMoveBytesPerSec, pilotTickMs }: Ground['config'], trial: TrialOrders | undefined): Rules {
  return { ...usualRules, moveBytesPerSec: pilotMoveBytesPerSec, tickSec: pilotTickMs / secondMs, ...trial?.rules };
}

/** Copies that answer reads, of any keys. */
const hasEchoes = ({ echoMode, echoCount, echoCounts }: Ground['config']): boolean =>
  echoMode === 'block' && (echoCount > 0 || echoCounts.some(({ count }) => count > 0));

const askedAtOnce = 64;

/** Where the map is away nothing is known of echoes, and planners go by demand alone. */
async function echoesOf(map: EchoMap, blocks: readonly BlockId[]): Promise<ReadonlyMap<BlockId, readonly Echo[]>> {
  const found = new Map<BlockId, readonly Echo[]>();
  try {
    for (let at = 0; at < blocks.length; at += askedAtOnce) {
      const some = blocks.slice(at, at + askedAtOnce);
      const echoes = await Promise.all(some.map(async (block) => await map.of(block)));
      some.forEach((block, place) => {
        if (echoes[place]!.length > 0) found.set(block, echoes[place]!);
      });
    }
  } catch (error) {
    if (!(error instanceof EchoMapAway)) throw error;
  }
  return found;
}

/** All of them, or the one that was asked for. */
function ofPartition<T>(all: readonly T[], idOf: (one: T) => string, { partition }: Params): readonly T[] {
  if (partition === undefined) return all;
  const found = all.filter((one) => idOf(one) === partition);
  if (found.length === 0 && all.length > 0) throw new Refusal('not-found', `there is no partition ${partition}`);
  return found;
}
