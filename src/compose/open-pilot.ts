// The pilot: the same storage as a worker's, with upkeep instead of a gateway.
import type { Clock } from '../base/clock.ts';
import { systemRandom as random } from '../base/random.ts';
import type { LmdbCatalog } from '../catalog/adapters/lmdb-catalog.ts';
import type { Duty, Opening } from '../main/child-side.ts';
import type { DeadChild, Refresh } from '../main/messages.ts';
import { isPilotCall } from '../main/pilot-calls.ts';
import { currentRun } from '../objects/runs.ts';
import { fenceSession } from '../objects/session.ts';
import { fenceSessions } from '../objects/sessions.ts';
import type { PlacementActs } from '../placement/acts/acts.ts';
import { snapshotOf } from '../telemetry/telemetry.ts';
import { wantCheckpoint } from '../upkeep/want-checkpoint.ts';
import { letComeAndGo } from './come-and-go.ts';
import { joinActs } from './join-acts.ts';
import { keepSparePages } from './keep-spare.ts';
import { assertCatalogNotLost } from './lost-catalog.ts';
import { openActs } from './open-acts.ts';
import { openEchoMap } from './open-echo-map.ts';
import { clockOf, type Ground, openGround, refreshLog } from './open-ground.ts';
import { openFound } from './places.ts';
import { compactionRecorder, scrubRecorder } from './recorders.ts';
import { Refusal } from './refusal.ts';
import { sweepEchoes } from './sweep-echoes.ts';
import { wantsEchoes } from './wants-echoes.ts';
import type { WatchedFleet } from './watch-fleet.ts';

export const importPilot = () =>
  Promise.all([import('../upkeep/upkeep.ts'), import('./watch-fleet.ts'), import('./foresee-echoes.ts')]);

export async function openPilot(opening: Opening): Promise<Duty> {
  const { fence } = opening.start;
  const unlogged = unloggedSince(clockOf(opening.start));
  const [{ startUpkeep }, { watchFleet }, { startForesight }] = await importPilot();
  const ground = await openGround(opening, 'pilot', async (catalog, partitions) => {
    if (fence !== 'all') return await fenceDead(catalog, fence, unlogged);
    const tools = { clock: clockOf(opening.start), random };
    await assertCatalogNotLost(catalog, partitions, () => openFound(opening.start.config, tools));
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
  const echoMap = await openEchoMap(ground);
  let fleet: WatchedFleet | undefined;
  const placement = await openActs(ground, upkeep.logged, echoMap, () => fleet?.pilot.planning.isPaused() ?? false);
  const comings = letComeAndGo(ground, upkeep.logged);
  const { acts: duties } = comings;
  const acts = joinActs(
    {
      're-home': placement,
      move: placement,
      'split-area': placement,
      grow: duties,
      drain: duties,
      keep: duties,
      retire: duties,
    },
    { moved: () => placement.progress(), pools: () => duties.pools() },
  );
  if (config.forecastEnabled) fleet = watchFleet(ground, upkeep, acts, echoMap, opening.start.trial);
  const trialSteps = await startTrialSteps(ground, placement, opening.start.trial?.stepsFile);
  const echoes = sweepEchoes(ground, upkeep.control, echoMap);
  const foresight =
    fleet !== undefined && wantsEchoes(config)
      ? startForesight(ground, fleet.pilot, echoMap, opening.start.trial)
      : undefined;
  const spare = keepSparePages({ catalog, path: config.data, clock });
  return {
    async call(method, params) {
      if (method === 'metrics') {
        for (const { name, ticks, failures } of [upkeep, echoes, fleet, foresight, comings].flatMap(
          (one) => one?.status() ?? [],
        )) {
          metrics.upkeepTicks.set({ doer: name }, ticks);
          metrics.upkeepFailures.set({ doer: name }, failures);
        }
        const { liveBytes, fileBytes, rows } = catalog.stat();
        metrics.catalogBytes.set({ part: 'live' }, liveBytes);
        metrics.catalogBytes.set({ part: 'file' }, fileBytes);
        metrics.catalogRows.set(rows);
        await fleet?.setMetrics(metrics);
        return await snapshotOf(metrics);
      }
      if (method === 'refresh') return refreshLog(log, params as Refresh);
      if (method.startsWith('partitions.')) return await comings.answer(method, params);
      if (isPilotCall(method)) {
        if (fleet === undefined)
          throw new Refusal(
            'conflict',
            'nothing is counted; set forecast.enabled (ECHOGATE_FORECAST_ENABLED=true) and start again',
          );
        return await (method === 'map' || method === 'forecast' ? fleet[method](params) : fleet.call(method, params));
      }
      if (method !== 'fence') throw new Refusal('not-found', `the pilot has no call ${method}`);
      await fenceDead(catalog, params.dead as DeadChild[], unlogged);
      return {};
    },
    async drain() {
      await comings.stop();
      await foresight?.stop();
      await fleet?.stop();
      trialSteps.abort();
      await placement.stop();
      await echoes.stop();
      await echoMap.close();
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

async function startTrialSteps(
  { catalog, partitions: { seats } }: Ground,
  placement: PlacementActs,
  file: string | undefined,
): Promise<AbortController> {
  const stopping = new AbortController();
  if (file === undefined) return stopping;
  const { followTrialSteps } = await import('./trial-steps.ts');
  void followTrialSteps(file, placement, catalog, [...seats.keys()], stopping.signal).catch(() => {}); // who leads no more is told so by upkeep
  return stopping;
}

/** What a process committed in its last second may stand in no log. */
const unloggedSince = (clock: Clock) => () => ({
  reason: 'a process ended without closing its log',
  atMs: clock.steadyMs(),
});
