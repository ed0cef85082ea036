// What a reload can do: change some things in place, others by replacing the processes one by one, and a few only by a restart.
import type { Config } from '../config/config.ts';

/** Bound at start: ports and the directory that the lock stands for. */
const fixed = ['listen', 'admin', 'data', 'adminToken', 'workers'] as const satisfies readonly (keyof Config)[];
/** Handed to the running processes. */
const inPlace: ReadonlySet<string> = new Set([
  'users',
  'logLevel',
  'accessLog',
  'drainMs',
  'drainDelayMs',
  'configFile',
  'redisUrl',
]);

export interface ReloadPlan {
  readonly config: Config;
  readonly rolls: readonly string[];
  readonly needsRestart: readonly string[];
  readonly message: string;
}

export function planReload(now: Config, wanted: Config): ReloadPlan {
  const changed = (Object.keys(wanted) as (keyof Config)[]).filter(
    (key) => JSON.stringify(now[key]) !== JSON.stringify(wanted[key]),
  );
  const isFixed = (key: keyof Config): boolean => (fixed as readonly string[]).includes(key);
  const needsRestart = changed.filter(isFixed);
  const tlsSwitched = (now.tlsCert === undefined) !== (wanted.tlsCert === undefined);
  const rolls = changed.filter((key) => !isFixed(key) && !inPlace.has(key) && !(key.startsWith('tls') && tlsSwitched));
  if (tlsSwitched) needsRestart.push('tlsCert');
  const kept = Object.fromEntries(needsRestart.map((key) => [key, now[key]]));
  const tls = tlsSwitched ? { tlsCert: now.tlsCert, tlsKey: now.tlsKey } : {};
  const config = Object.freeze({ ...wanted, ...kept, ...tls });
  const done = changed.filter((key) => !needsRestart.includes(key));
  const parts = [
    done.length === 0 ? 'nothing changed' : `changed: ${done.join(', ')}`,
    ...(needsRestart.length === 0 ? [] : [`needs a restart: ${needsRestart.join(', ')}`]),
  ];
  return { config, rolls, needsRestart, message: parts.join('; ') };
}
