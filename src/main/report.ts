// What the admin API and the log tell of the processes.
import type { Config } from '../config/config.ts';
import { type Logger, mergeSnapshots, supervisorSnapshot } from '../telemetry/telemetry.ts';
import type { Child } from './child.ts';
import type { Crew } from './crew.ts';

export interface Reported {
  readonly state: 'starting' | 'serving' | 'draining';
  readonly version: string;
  readonly endpoint: string;
  readonly config: Config;
  readonly workers: Crew;
  readonly pilot: Crew;
  /** Connections for which no worker had time. */
  readonly turnedAway: number;
}

/** Ready = requests are served now; the pilot may be away for a while. */
export function readinessOf({ state, config, workers, pilot }: Reported) {
  const ready = workers.ready.length;
  const hasPilot = pilot.ready.length > 0;
  return {
    ready: state === 'serving' && ready > 0,
    checks: [
      { name: 'state', ok: state === 'serving', message: state },
      { name: 'workers', ok: ready > 0, message: `${ready} of ${config.workers} ready` },
      { name: 'pilot', ok: hasPilot, message: hasPilot ? 'running' : 'being started' },
    ],
  };
}

export function statusOf({ state, version, endpoint, config, workers, pilot }: Reported) {
  const each = (crew: Crew) => crew.ready.map((child) => ({ name: child.name, pid: child.pid }));
  return {
    version,
    state,
    pid: process.pid,
    endpoint,
    region: config.region,
    data: config.data,
    workers: each(workers),
    standby: workers.hasStandby,
    pilot: each(pilot)[0],
    restarts: { workers: workers.restarts, pilot: pilot.restarts },
    partitions: config.partitions.map(({ id, duty }) => ({ id, duty })),
  };
}

/** Prometheus text of all processes that answer. */
export async function metricsOf({ version, workers, pilot, turnedAway }: Reported): Promise<string> {
  const asked = [...workers.ready, ...pilot.ready].map((child) => child.call('metrics', {}));
  const answered = (await Promise.allSettled(asked)).flatMap((each) =>
    each.status === 'fulfilled' ? [each.value] : [],
  );
  const restarts = { worker: workers.restarts, pilot: pilot.restarts };
  const own = await supervisorSnapshot(version, { restarts, turnedAway });
  return await mergeSnapshots([...answered, own]);
}

export function logEnd(log: Logger, { name, pid, lastFailure }: Child, how: string, expected: boolean): void {
  if (expected && lastFailure === undefined) log.info({ child: name }, 'child ended');
  else if (expected) log.error({ child: name, how }, 'child failed');
  else log.error({ child: name, childPid: pid, how }, 'child ended unexpectedly; starting another');
}
