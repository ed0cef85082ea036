// What every process that touches the storage opens: log, metrics, counters, catalog, partitions, and its own share of the storage.
import { type Clock, hurried, steadied, systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { type LmdbCatalog, mountLmdbCatalog } from '../catalog/adapters/lmdb-catalog.ts';
import type { Opening } from '../main/child-side.ts';
import type { Refresh, StartMessage } from '../main/messages.ts';
import { openStorage } from '../objects/open-storage.ts';
import type { SeatMap } from '../objects/seats.ts';
import { SharedReads } from '../objects/shared-reads.ts';
import { createLogger, createMetrics, type Logger, measureProcess } from '../telemetry/telemetry.ts';
import { armTrialCrashes } from './arm-crash-points.ts';
import { catalogAt } from './catalog-place.ts';
import { assertPartitionsKnown } from './known-partitions.ts';
import { LivingPartitions } from './living-partitions.ts';
import { openCounters } from './open-counters.ts';
import { openReplicas } from './open-partitions.ts';
import { rationsOf, shareOf } from './rations.ts';
import { partitionRecorder } from './recorders.ts';
import { wantsEchoes } from './wants-echoes.ts';
import { watchSpace } from './watch-space.ts';

/** `before` runs once catalog and partitions are open, ahead of everything that writes. */
export async function openGround(
  { start, alone, announce, fail }: Opening,
  role: 'worker' | 'pilot',
  before?: (catalog: LmdbCatalog, partitions: SeatMap) => Promise<void>,
) {
  const { config } = start;
  const clock = clockOf(start);
  const log = createLogger({ level: config.logLevel, role });
  if (start.trial !== undefined) {
    log.warn({ trial: start.trial }, 'under the orders of a trial: this process may end at any moment');
    if (start.trial.crashFile !== undefined) armTrialCrashes(start.trial.crashFile, role);
  }
  const metrics = createMetrics();
  measureProcess(metrics);
  const open = await alone(() => mountLmdbCatalog(catalogAt(config)));
  const catalog = open();
  await assertPartitionsKnown(catalog, config);
  const space = watchSpace({ path: config.data, reserveBytes: config.spaceReserveBytes, clock });
  const hurry = start.trial?.demandClock;
  const counters = await openCounters(config, {
    role,
    clock: hurry === undefined ? clock : hurried(clock, hurry),
    log,
    space,
  });
  const tools = {
    clock,
    random: systemRandom,
    log,
    recorder: partitionRecorder(metrics, counters.served, counters.cause),
    rations: rationsOf(config.capacityDomains, shareOf(role, config.workers)),
  };
  const partitions = await LivingPartitions.open({ ...tools, config, catalog });
  const replicas =
    role === 'worker'
      ? await openReplicas(config.replicas, {
          ...tools,
          recorder: partitionRecorder(metrics, undefined, counters.cause),
        })
      : [];
  await before?.(catalog, partitions.seats);
  const shared = new SharedReads();
  const echoes =
    role === 'worker' && wantsEchoes(config)
      ? await (await import('./open-echoes.ts')).openEchoes({
          config,
          catalog,
          partitions,
          replicas,
          clock,
          metrics,
          log,
          space,
          shared,
        })
      : undefined;
  const storage = await openStorage({
    catalog,
    partitions: partitions.seats,
    clock,
    random: systemRandom,
    pid: process.pid,
    bytesInFlightMax: config.bytesInFlightMax,
    reserveBytes: config.spaceReserveBytes,
    ...(role === 'worker' && config.forecastEnabled && { demand: counters.demand }),
    ...(role === 'worker' && { shared }),
    ...(echoes && { copies: echoes.copies }),
    onFailed: fail,
  });
  echoes?.start(storage);
  partitions.watch(clock, (err) => log.error({ err }, 'the rows of partitions cannot be read; it is tried again'));
  announce(storage.session.id);
  return {
    config,
    clock,
    random: systemRandom,
    log,
    metrics,
    catalog,
    space,
    counters,
    partitions,
    storage,
    echoes,
    async close() {
      await echoes?.stop();
      await storage.close();
      await partitions.close();
      await Promise.all(replicas.map(({ partition }) => partition.close()));
      await counters.close();
      await catalog.close();
    },
  };
}

export const clockOf = (start: StartMessage): Clock => steadied(systemClock, start.steadyAheadMs);

export const refreshLog = (log: Logger, change: Refresh): void => {
  if (change.logLevel !== undefined) log.level = change.logLevel;
};

export type Ground = Awaited<ReturnType<typeof openGround>>;
