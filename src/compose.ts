// Puts the house together: the one place that names adapters. A worker is catalog, partitions, storage, stories and gateway; the pilot is
// the same storage with upkeep instead of a gateway. What only one of them needs is imported when it is needed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, steadied, systemClock } from './base/clock.ts';
import { systemRandom } from './base/random.ts';
import { type LmdbCatalog, openLmdbCatalog } from './catalog/adapters/lmdb-catalog.ts';
import { armTrialCrashes } from './compose/arm-crash-points.ts';
import { keepSparePages } from './compose/keep-spare.ts';
import { assertPartitionsKnown } from './compose/known-partitions.ts';
import { assertCatalogNotLost } from './compose/lost-catalog.ts';
import { openPartitions } from './compose/open-partitions.ts';
import { answerRecorder, compactionRecorder, partitionRecorder, scrubRecorder } from './compose/recorders.ts';
import { Refusal } from './compose/refusal.ts';
import { keepCatalogReserve, keepReserve, watchSpace } from './compose/watch-space.ts';
import type { Config } from './config/config.ts';
import type { Duty, Opening } from './main/child-side.ts';
import type { DeadChild, Refresh, StartMessage } from './main/messages.ts';
import { openStorage } from './objects/open-storage.ts';
import { currentRun } from './objects/runs.ts';
import type { SeatMap } from './objects/seats.ts';
import { fenceSession } from './objects/session.ts';
import { fenceSessions } from './objects/sessions.ts';
import { createLogger, createMetrics, type Logger, measureProcess, snapshotOf } from './telemetry/telemetry.ts';
import { wantCheckpoint } from './upkeep/want-checkpoint.ts';

const random = systemRandom;

/** What every process that touches the storage opens. */
async function openGround(
  { start, announce, fail }: Opening,
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
  const catalog = openLmdbCatalog({ path: join(config.data, 'catalog'), mapBytes: config.catalogBytesMax });
  await assertPartitionsKnown(
    catalog,
    config.partitions.map(({ id }) => id),
  );
  const partitions = await openPartitions(config.partitions, {
    clock,
    random,
    log,
    recorder: partitionRecorder(metrics),
  });
  await before?.(catalog, partitions.seats);
  const storage = await openStorage({
    catalog,
    partitions: partitions.seats,
    clock,
    random,
    pid: process.pid,
    bytesInFlightMax: config.bytesInFlightMax,
    reserveBytes: config.spaceReserveBytes,
    onFailed: fail,
  });
  announce(storage.session.id);
  return {
    config,
    clock,
    log,
    metrics,
    catalog,
    partitions,
    storage,
    async close() {
      await storage.close();
      await partitions.close();
      await catalog.close();
    },
  };
}

const importWorker = () =>
  Promise.all([
    import('./gateway/gateway.ts'),
    import('./objects/stories.ts'),
    import('./compose/user-directory.ts'),
    import('./compose/worker-calls.ts'),
  ]);
const importPilot = () => import('./upkeep/upkeep.ts');

/** What a process will need, while it waits for the word to start. */
export function warm(role: 'worker' | 'pilot'): Promise<unknown> {
  return role === 'worker' ? importWorker().then(([{ prepareGateway }]) => prepareGateway()) : importPilot();
}

export async function openWorker(opening: Opening): Promise<Duty> {
  const [{ createGateway }, { createObjects }, { createUserDirectory }, { answerCall }] = await importWorker();
  const ground = await openGround(opening, 'worker');
  const { config, clock, log, metrics, storage } = ground;
  const partitions = ground.partitions.seats;
  const users = createUserDirectory(opening.start.users);
  const space = watchSpace({ path: config.data, reserveBytes: config.spaceReserveBytes, clock });
  const blocks = keepReserve(storage.blocks, space);
  const objects = keepCatalogReserve(createObjects({ catalog: storage.catalog, blocks, clock, random }), space);
  const recorder = answerRecorder(metrics, log, config.accessLog);
  const tls = tlsFiles(config);
  const gateway = await createGateway({
    objects,
    users,
    region: config.region,
    profile: config.profile,
    domains: config.domains,
    trustedProxies: config.trustedProxies,
    ...(tls === undefined ? {} : { tls }),
    clock,
    random,
    onAnswer: recorder.note,
  });
  const take = await gateway.adopt();

  const refresh = (change: Refresh): void => {
    if (change.users !== undefined) users.replace(change.users);
    if (change.accessLog !== undefined) recorder.accessLog = change.accessLog;
    refreshLog(log, change);
    const files = change.tls ? tlsFiles(config) : undefined;
    if (files !== undefined) gateway.replaceTls(files);
  };
  return {
    take,
    async call(method, params) {
      if (method === 'metrics') return await snapshotOf(metrics);
      if (method === 'refresh') return refresh(params as Refresh);
      return await answerCall(
        { catalog: storage.catalog, partitions, objects, users, region: config.region },
        method,
        params,
      );
    },
    async drain(timeoutMs) {
      await gateway.drain(timeoutMs);
      await gateway.close();
      await ground.close();
    },
  };
}

export async function openPilot(opening: Opening): Promise<Duty> {
  const { fence } = opening.start;
  const unlogged = unloggedSince(clockOf(opening.start));
  const { startUpkeep } = await importPilot();
  const ground = await openGround(opening, 'pilot', async (catalog, partitions) => {
    if (fence !== 'all') return await fenceDead(catalog, fence, unlogged);
    await assertCatalogNotLost(catalog, partitions);
    const run = await currentRun(catalog);
    if ((await fenceSessions(catalog)) > 0) await wantCheckpoint(catalog, { ...unlogged(), run });
    catalog.reapReaders();
  });
  const { config, clock, log, metrics, storage, catalog } = ground;
  const upkeep = await startUpkeep({
    catalog,
    storage,
    partitions: ground.partitions.seats,
    clock,
    random,
    onError: (doer, error) => log.error({ doer, err: error }, 'upkeep failed; it is tried again'),
    knobs: { scrubEveryDays: config.scrubEveryDays, ...opening.start.trial?.upkeep },
    onScrubbed: scrubRecorder(metrics, log),
    onCompacted: compactionRecorder(metrics),
    onLost: opening.fail,
  });
  const spare = keepSparePages({ catalog, path: config.data, clock });
  return {
    async call(method, params) {
      if (method === 'metrics') {
        for (const { name, ticks, failures } of upkeep.status()) {
          metrics.upkeepTicks.set({ doer: name }, ticks);
          metrics.upkeepFailures.set({ doer: name }, failures);
        }
        const { liveBytes, fileBytes, rows } = catalog.stat();
        metrics.catalogBytes.set({ part: 'live' }, liveBytes);
        metrics.catalogBytes.set({ part: 'file' }, fileBytes);
        metrics.catalogRows.set(rows);
        return await snapshotOf(metrics);
      }
      if (method === 'refresh') return refreshLog(log, params as Refresh);
      if (method !== 'fence') throw new Refusal('not-found', `the pilot has no call ${method}`);
      await fenceDead(catalog, params.dead as DeadChild[], unlogged);
      return {};
    },
    async drain() {
      await upkeep.stop();
      await spare.stop();
      await ground.close();
    },
  };
}

async function fenceDead(
  catalog: LmdbCatalog,
  dead: readonly DeadChild[],
  unlogged: ReturnType<typeof unloggedSince>,
): Promise<void> {
  let unclean = 0;
  for (const { pid, session } of dead) {
    if (session !== undefined) unclean += Number(await fenceSession(catalog, session));
    else unclean += await fenceSessions(catalog, (known) => known.pid !== pid);
  }
  if (unclean > 0) await wantCheckpoint(catalog, { ...unlogged(), run: await currentRun(catalog) });
  // Snapshots that the dead held would keep old pages from being used again.
  catalog.reapReaders();
}

/** What a process committed in its last second may stand in no log. */
const unloggedSince = (clock: Clock) => () => ({
  reason: 'a process ended without closing its log',
  atMs: clock.steadyMs(),
});

const clockOf = (start: StartMessage): Clock => steadied(systemClock, start.steadyAheadMs);

const refreshLog = (log: Logger, change: Refresh): void => {
  if (change.logLevel !== undefined) log.level = change.logLevel;
};

function tlsFiles(config: Config) {
  if (config.tlsCert === undefined || config.tlsKey === undefined) return undefined;
  return { cert: readFileSync(config.tlsCert), key: readFileSync(config.tlsKey) };
}
