// Puts the house together: the one place that names adapters. A worker is catalog, partitions, storage, stories and gateway; the pilot is
// the same storage with upkeep instead of a gateway. What only one of them needs is imported when it is needed.
import { readFileSync } from 'node:fs';
import { systemRandom as random } from './base/random.ts';
import { openGround, refreshLog } from './compose/open-ground.ts';
import { importPilot } from './compose/open-pilot.ts';
import { answerRecorder } from './compose/recorders.ts';
import { keepCatalogReserve, keepReserve } from './compose/watch-space.ts';
import type { Config } from './config/config.ts';
import type { Duty, Opening } from './main/child-side.ts';
import type { Refresh } from './main/messages.ts';
import { snapshotOf } from './telemetry/telemetry.ts';

export { openPilot } from './compose/open-pilot.ts';

const importWorker = () =>
  Promise.all([
    import('./gateway/gateway.ts'),
    import('./objects/stories.ts'),
    import('./compose/user-directory.ts'),
    import('./compose/worker-calls.ts'),
  ]);

/** What a process will need, while it waits for the word to start. */
export function warm(role: 'worker' | 'pilot'): Promise<unknown> {
  return role === 'worker' ? importWorker().then(([{ prepareGateway }]) => prepareGateway()) : importPilot();
}

export async function openWorker(opening: Opening): Promise<Duty> {
  const [{ createGateway }, { createObjects }, { createUserDirectory }, { answerCall }] = await importWorker();
  const ground = await openGround(opening, 'worker');
  const { config, clock, log, metrics, storage, space } = ground;
  const partitions = ground.partitions.seats;
  const users = createUserDirectory(opening.start.users);
  const blocks = keepReserve(storage.blocks, space);
  const objects = keepCatalogReserve(createObjects({ catalog: storage.catalog, blocks, clock, random }), space);
  const recorder = answerRecorder(metrics, log, config.accessLog);
  const tls = tlsFiles(config);
  const gateway = await createGateway({
    objects,
    users,
    region: config.region,
    profile: config.profile,
    showsCopy: config.echoHeader,
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
        {
          catalog: storage.catalog,
          sessionCheck: () => storage.session.check(),
          configured: config,
          clock,
          space,
          partitions,
          objects,
          users,
          region: config.region,
          echoes: ground.echoes,
          counters: ground.counters,
        },
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

function tlsFiles(config: Config) {
  if (config.tlsCert === undefined || config.tlsKey === undefined) return undefined;
  return { cert: readFileSync(config.tlsCert), key: readFileSync(config.tlsKey) };
}
