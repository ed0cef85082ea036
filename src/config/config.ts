// Settings from flags, environment, file and defaults (in this order of strength) → one validated, frozen Config that knows
// where each value came from. Everything that is wrong anywhere is collected and thrown at once.
import { dirname, resolve } from 'node:path';
import type { Metadata } from '../model/metadata.ts';
import { checkTls } from './check-tls.ts';
import { crossCheck } from './cross-check.ts';
import { type DeclaredKind, declaredNouns } from './declared.ts';
import { at, type FileLayer, readLayer } from './file-layer.ts';
import { type Knob, type KnobName, knobNames, knobs, type Settings } from './knobs.ts';
import { ConfigError, type Mistake } from './mistakes.ts';
import {
  type CapacityDomainConfig,
  type ConfiguredUser,
  canonicalIdOf,
  defaultPartitions,
  domainOf,
  type PartitionConfig,
  partitionOf,
  type ReplicaConfig,
  secretOf,
  userOf,
} from './partitions.ts';
import { type PoolConfig, poolOf } from './pools.ts';
import { lineOf } from './read-file.ts';
import type { FileCapacityDomain, FilePartition, FilePool, FileUser } from './schema.ts';
import { checkVariables, commandLine, environment, envValue, flagValue, type Sources } from './sources.ts';

export { type DeclaredKind, readDeclared } from './declared.ts';
export { didYouMean } from './did-you-mean.ts';
export { readChecked } from './file-issues.ts';
export { knobPage } from './knob-page.ts';
export { ConfigError, type Mistake } from './mistakes.ts';
export type {
  BackendCredentials,
  CapacityDomainConfig,
  ConfiguredUser,
  PartitionConfig,
  PartitionQuota,
  ReplicaConfig,
  S3Backend,
} from './partitions.ts';
export { canonicalIdOf } from './partitions.ts';
export { memberOf, type PoolConfig } from './pools.ts';
export { showConfig, shownConfig } from './show-config.ts';
export type { Sources } from './sources.ts';

export interface Config extends Omit<Settings, 'port' | 'adminPort' | 'accessKey' | 'secretKey'>, Metadata {
  readonly configFile: string | undefined;
  /** Empty: one is generated into the data directory at first start. */
  readonly users: readonly ConfiguredUser[];
  readonly partitions: readonly PartitionConfig[];
  /** Those of the file's `partitions` that say `replicaOf`. */
  readonly replicas: readonly ReplicaConfig[];
  /** Where further partitions can be made. */
  readonly pools: readonly PoolConfig[];
  readonly capacityDomains: readonly CapacityDomainConfig[];
}

export interface Loaded {
  readonly config: Config;
  /** Where each key's value came from. */
  readonly origins: ReadonlyMap<string, string>;
}

type AnyKnob = Knob<unknown>;

export function loadConfig(sources: Sources): Loaded {
  const mistakes: Mistake[] = [];
  const origins = new Map<string, string>();
  const file = readLayer(sources, mistakes);
  const base = sources.file === undefined ? sources.cwd : dirname(resolve(sources.cwd, sources.file));

  const variables = knobNames.flatMap((name) => knobs[name].env ?? []);
  checkVariables(sources.env, variables, mistakes);
  const values: Record<string, unknown> = {};
  for (const name of knobNames) {
    const knob = knobs[name] as AnyKnob;
    const label = knob.path ?? name;
    const layers: [origin: string, value: unknown][] = [
      [`flag --${knob.flag}`, flagValue(name, knob, sources, mistakes)],
      [`env ${knob.env}`, envValue(knob, sources, mistakes)],
      [file.origin(label), knob.path === undefined ? undefined : at(file.value, knob.path)],
      ['default', sources.defaults?.[name] ?? defaultValue(name, sources)],
    ];
    const found = layers.find(([, value]) => value !== undefined);
    values[name] = found?.[1];
    if (found !== undefined) origins.set(label, found[0]);
  }
  const settings = values as unknown as Settings;
  const users = usersOf(settings, file, mistakes, origins);
  const listen = withPort(settings.listen, settings.port, 'listen', origins, 'port');
  const admin = withPort(settings.admin, settings.adminPort, 'admin', origins, 'adminPort');
  const listed = file.value.partitions as (FilePartition | undefined)[] | undefined;
  const read = (listed ?? []).flatMap((each, index) =>
    each === undefined ? [] : [[each, partitionOf(each, `partitions[${index}]`, sources.env, file.report)] as const],
  );
  const replicas = read.flatMap(([{ replicaOf }, each]) => (replicaOf === undefined ? [] : [{ ...each, replicaOf }]));
  const own = read.flatMap(([{ replicaOf }, each]) => (replicaOf === undefined ? [each] : []));
  const partitions = listed === undefined ? defaultPartitions(settings.data) : own;
  for (const name of ['partitions', 'replicas'])
    origins.set(name, listed === undefined ? 'default' : file.origin('partitions'));
  const pools = ((file.value.pools as (FilePool | undefined)[] | undefined) ?? []).flatMap((each, index) =>
    each === undefined ? [] : [poolOf(each, `pools[${index}]`, sources.env, file.report)],
  );
  origins.set('pools', pools.length === 0 ? 'default' : file.origin('pools'));
  const listOf = (name: 'capacityDomains' | DeclaredKind): unknown[] => {
    const written = file.value[name] as unknown[] | undefined;
    origins.set(name, written === undefined ? 'default' : file.origin(name));
    return written?.filter((each) => each !== undefined) ?? [];
  };
  const lists = {
    capacityDomains: listOf('capacityDomains').map((each) => domainOf(each as FileCapacityDomain)),
    jobs: listOf('jobs').map(declaredNouns.jobs),
    hints: listOf('hints').map(declaredNouns.hints),
    calendars: listOf('calendars').map(declaredNouns.calendars),
  };

  crossCheck(file.tree, base, file.report);
  const sourceOf = (key: string): string => {
    const origin = origins.get(key) ?? '';
    if (origin.startsWith('flag')) return commandLine;
    return origin.startsWith('env') ? environment : file.name;
  };
  const report = (key: string, message: string): void => {
    const source = sourceOf(key);
    mistakes.push({ key, source, ...(source === file.name ? lineOf(file.lines, key) : {}), message });
  };
  if (listen.port !== 0 && listen.port === admin.port) {
    const key = origins.get('admin')?.startsWith('default') ? 'listen' : 'admin';
    report(key, `port ${admin.port} is used by both listen and admin; choose two`);
  }
  checkTls(settings.tlsCert, settings.tlsKey, report);

  if (mistakes.length > 0) throw new ConfigError(mistakes);
  const { port: _port, adminPort: _adminPort, accessKey: _accessKey, secretKey: _secretKey, ...kept } = settings;
  const configFile = sources.file === undefined ? undefined : resolve(sources.cwd, sources.file);
  return {
    config: deepFreeze({ ...kept, listen, admin, users, partitions, replicas, pools, ...lists, configFile }),
    origins,
  };
}

function defaultValue(name: KnobName, sources: Sources): unknown {
  const value = knobs[name].default;
  return name === 'data' ? resolve(sources.cwd, String(value)) : value;
}

function withPort(
  address: Settings['listen'],
  port: number | undefined,
  label: string,
  origins: Map<string, string>,
  portLabel: string,
): Settings['listen'] {
  const origin = origins.get(portLabel);
  origins.delete(portLabel);
  if (port === undefined) return address;
  origins.set(label, `${origins.get(label)}, port from ${origin}`);
  return { host: address.host, port };
}

function usersOf(
  settings: Settings,
  file: FileLayer,
  mistakes: Mistake[],
  origins: Map<string, string>,
): ConfiguredUser[] {
  const listed = (file.value.users as (FileUser | undefined)[] | undefined) ?? [];
  const users = listed.flatMap((each, index) => {
    if (each === undefined) return [];
    return [userOf({ ...each, secretKey: secretOf(each, `users[${index}]`, file.report) })];
  });
  const { accessKey, secretKey } = settings;
  origins.set('users', listed.length > 0 ? file.origin('users') : 'default');
  origins.delete('accessKey');
  origins.delete('secretKey');
  if ((accessKey === undefined) !== (secretKey === undefined)) {
    const [have, lack] =
      accessKey === undefined
        ? ['ECHOGATE_SECRET_KEY', 'ECHOGATE_ACCESS_KEY']
        : ['ECHOGATE_ACCESS_KEY', 'ECHOGATE_SECRET_KEY'];
    if (!mistakes.some((each) => each.key === lack)) {
      mistakes.push({ key: have, source: environment, message: `needs ${lack} beside it` });
    }
  }
  if (accessKey === undefined || secretKey === undefined) return users;
  const others = users.filter((each) => each.accessKey !== accessKey && each.name !== 'main');
  const main = users.find((each) => each.name === 'main') ?? {
    name: 'main',
    canonicalId: canonicalIdOf('main'),
    displayName: 'main',
  };
  origins.set('users', 'env ECHOGATE_ACCESS_KEY');
  return [{ ...main, accessKey, secretKey }, ...others];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const each of Object.values(value)) deepFreeze(each);
  }
  return value;
}
