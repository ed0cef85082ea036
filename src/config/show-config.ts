// The whole configuration with the origin of every value; secrets are masked.
import type { Config } from './config.ts';
import { type Knob, knobNames, knobs } from './knobs.ts';

export interface ShownValue {
  readonly key: string;
  readonly value: unknown;
  readonly origin: string;
  readonly why?: string;
}

const mask = '********';
const secretNames = new Set(['secretKey', 'sessionToken', 'adminToken']);

export function showConfig(config: Config, origins: ReadonlyMap<string, string>): ShownValue[] {
  const rows: ShownValue[] = [];
  for (const name of knobNames) {
    if (!(name in config)) continue;
    const knob = knobs[name] as Knob<unknown>;
    const key = knob.path ?? name;
    const value = (config as unknown as Record<string, unknown>)[name];
    rows.push({
      key,
      value: shownValue(value, knob.secret === true),
      origin: origins.get(key) ?? 'default',
      why: knob.why,
    });
  }
  const lists = ['users', 'partitions', 'replicas', 'pools', 'capacityDomains', 'jobs', 'hints', 'calendars'] as const;
  for (const key of lists) {
    if (key === 'replicas' && config.replicas.length === 0) continue; // not a key of the file: they stand among its partitions
    rows.push({ key, value: masked(config[key]), origin: origins.get(key) ?? 'default' });
  }
  return rows;
}

function shownValue(value: unknown, secret: boolean): unknown {
  if (value === undefined) return undefined;
  if (secret) return mask;
  if (typeof value === 'object' && value !== null && 'host' in value && 'port' in value) {
    const host = String(value.host);
    return `${host.includes(':') ? `[${host}]` : host}:${value.port}`;
  }
  return value;
}

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, secretNames.has(key) ? mask : masked(each)]),
  );
}

/** As text: one value per line, its origin behind it. */
export function shownConfig(rows: readonly ShownValue[]): string {
  const lines: [left: string, origin: string][] = [];
  for (const row of rows) {
    if (Array.isArray(row.value) && row.value.some((each) => typeof each === 'object')) {
      lines.push([`${row.key}:`, row.origin]);
      for (const each of row.value) lines.push([`  - ${JSON.stringify(each)}`, '']);
    } else lines.push([`${row.key}: ${row.value === undefined ? '(none)' : plain(row.value)}`, row.origin]);
  }
  const width = Math.min(56, Math.max(...lines.filter(([, origin]) => origin !== '').map(([left]) => left.length)));
  return lines.map(([left, origin]) => (origin === '' ? left : `${left.padEnd(width)}  # ${origin}`)).join('\n');
}

const plain = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
