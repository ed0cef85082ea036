// The kinds of value a knob may have: each a zod schema that takes what YAML, the environment or a flag gives (text or number)
// and says in one sentence what it wanted.
import { isIP } from 'node:net';
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { GiB, hourMs, KiB, MiB, minuteMs, secondMs, TiB } from '../base/units.ts';

/** A refusal: the sentence that follows the key in a message. */
class Refusal {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export const refuse = (message: string): Refusal => new Refusal(message);

export const shown = (raw: unknown): string => {
  const text = typeof raw === 'string' ? raw : JSON.stringify(raw);
  return text === undefined ? 'nothing' : text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

/** `wanted` is what the page of settings says. */
export function kind<T>(wanted: string, parse: (raw: unknown) => T | Refusal) {
  return z
    .unknown()
    .transform((raw, context): T => {
      const value = raw === undefined || raw === null ? refuse('is required') : parse(raw);
      if (!(value instanceof Refusal)) return value;
      context.issues.push({ code: 'custom', message: value.message, input: raw });
      return z.NEVER;
    })
    .describe(wanted);
}

export type Kind<T> = z.ZodType<T>;

export interface Address {
  readonly host: string;
  readonly port: number;
}

export function text(pattern: RegExp, wanted: string): Kind<string> {
  return kind(wanted, (raw) => {
    const value = typeof raw === 'number' ? String(raw) : raw;
    if (typeof value !== 'string') return refuse(`must be ${wanted}, not ${shown(raw)}`);
    return pattern.test(value) ? value : refuse(`must be ${wanted}, not "${shown(value)}"`);
  });
}

/** Like text, but its refusal never repeats the value. */
export function secret(pattern: RegExp, wanted: string): Kind<string> {
  return kind(wanted, (raw) => {
    const value = typeof raw === 'number' ? String(raw) : raw;
    return typeof value === 'string' && pattern.test(value) ? value : refuse(`must be ${wanted}`);
  });
}

export function integer(min: number, max: number): Kind<number> {
  return kind(`${min}–${max}`, (raw) => {
    const value = typeof raw === 'string' && /^-?\d+$/.test(raw.trim()) ? Number(raw) : raw;
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      return refuse(`must be a whole number, not ${shown(raw)}`);
    }
    return value < min || value > max ? refuse(`must be between ${min} and ${max}, not ${value}`) : value;
  });
}

/** Above `above`, at most `max`. */
export function number(wanted: string, above: number, max: number): Kind<number> {
  return kind(`${wanted}, at most ${max}`, (raw) => {
    const value = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
    if (typeof value !== 'number' || !Number.isFinite(value)) return refuse(`must be a number, not ${shown(raw)}`);
    return value > above && value <= max ? value : refuse(`must be ${bounds(above, max)}, not ${shown(raw)}`);
  });
}

const bounds = (above: number, max: number): string =>
  above < 0 ? `between 0 and ${max}` : `above ${above} and at most ${max}`;

export function choice<const T extends string>(...allowed: readonly T[]): Kind<T> {
  return kind(allowed.join(' or '), (raw) => {
    const found = allowed.find((each) => each === raw);
    return found ?? refuse(`must be ${allowed.join(' or ')}, not ${shown(raw)}`);
  });
}

export const flag: Kind<boolean> = kind('true or false', (raw) => {
  if (raw === true || raw === 'true' || raw === '1') return true;
  if (raw === false || raw === 'false' || raw === '0') return false;
  return refuse(`must be true or false, not ${shown(raw)}`);
});

const byteUnits: Readonly<Record<string, number>> = { B: 1, KiB, MiB, GiB, TiB, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
const timeUnits: Readonly<Record<string, number>> = { ms: 1, s: secondMs, m: minuteMs, h: hourMs };

function quantity(units: Readonly<Record<string, number>>, wanted: string, min: number, max: number): Kind<number> {
  return kind(`${wanted}; ${written(min, units)}–${written(max, units)}`, (raw) => {
    const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(String(raw).trim());
    const unit = match?.[2] === '' ? 1 : units[match?.[2] ?? ''];
    if (match === null || unit === undefined) return refuse(`must be ${wanted}, not ${shown(raw)}`);
    const value = Math.round(Number(match[1]) * unit);
    return value < min || value > max
      ? refuse(`must be between ${written(min, units)} and ${written(max, units)}, not ${shown(raw)}`)
      : value;
  });
}

/** A quantity in its largest whole unit, for messages. */
function written(value: number, units: Readonly<Record<string, number>>): string {
  const best = Object.entries(units)
    .filter(([, unit]) => value % unit === 0)
    .sort((a, b) => b[1] - a[1])[0];
  return best === undefined || value === 0 ? '0' : `${value / best[1]} ${best[0]}`;
}

export const writtenBytes = (value: number): string => written(value, byteUnits);
export const writtenTime = (value: number): string => written(value, timeUnits);

export const bytes = (min: number, max: number): Kind<number> =>
  quantity(byteUnits, 'a size such as 256 MiB', min, max);
export const duration = (min: number, max: number): Kind<number> =>
  quantity(timeUnits, 'a time such as 30s or 500ms', min, max);

export const address: Kind<Address> = kind('host:port', (raw) => {
  const match = /^(?:(\[[0-9a-fA-F:.]+\]|[^:\s]*):)?(\d{1,5})$/.exec(String(raw).trim());
  const port = Number(match?.[2]);
  if (match === null) return refuse(`must be host:port, such as 127.0.0.1:9000, not ${shown(raw)}`);
  if (port > 65_535) return refuse(`names port ${port}; ports end at 65535`);
  return { host: match[1] === undefined ? '127.0.0.1' : match[1].replace(/^\[|\]$/g, '') || '0.0.0.0', port };
});

/** A path, made absolute against `base`: the folder of the file, or the working directory. */
export const path = (base: string): Kind<string> =>
  kind('a path', (raw) => {
    if (typeof raw !== 'string' || raw === '' || raw.includes('\0')) return refuse(`must be a path, not ${shown(raw)}`);
    return isAbsolute(raw) ? raw : resolve(base, raw);
  });

export const url = (schemes: readonly string[]): Kind<string> =>
  kind(`a URL (${schemes.join(', ')})`, (raw) => {
    const parsed = typeof raw === 'string' && URL.canParse(raw) ? new URL(raw) : undefined;
    if (parsed === undefined || !schemes.includes(parsed.protocol.slice(0, -1))) {
      return refuse(
        `must be a URL that starts with ${schemes.map((each) => `${each}://`).join(' or ')}, not ${shown(raw)}`,
      );
    }
    return raw as string;
  });

/** A YAML list of texts, or one text with commas. */
/** Several durations, each within the bounds; at least one, in ascending order and each once. */
export const durations = (min: number, max: number): Kind<readonly number[]> =>
  kind('durations such as 5m, 1h', (raw) => {
    const items = typeof raw === 'string' ? raw.split(',').map((each) => each.trim()) : raw;
    if (!Array.isArray(items) || items.length === 0) return refuse(`must be a list of durations, not ${shown(raw)}`);
    const each = duration(min, max);
    const values: number[] = [];
    for (const item of items) {
      const parsed = each.safeParse(item);
      if (!parsed.success) return refuse(parsed.error.issues[0]?.message ?? `must be a duration, not ${shown(item)}`);
      values.push(parsed.data as number);
    }
    return [...new Set(values)].sort((a, b) => a - b);
  });

export function list(pattern: RegExp, wanted: string): Kind<readonly string[]> {
  return kind(`a list of ${wanted}`, (raw) => {
    const items =
      typeof raw === 'string'
        ? raw
            .split(',')
            .map((each) => each.trim())
            .filter(Boolean)
        : raw;
    if (!Array.isArray(items)) return refuse(`must be a list of ${wanted}, not ${shown(raw)}`);
    const bad = items.find((each) => typeof each !== 'string' || !pattern.test(each));
    return bad === undefined ? (items as string[]) : refuse(`must hold ${wanted}, not ${shown(bad)}`);
  });
}

/** Addresses, CIDR blocks, or the word loopback. */
export const proxies: Kind<readonly string[]> = kind('a list of addresses, CIDR blocks, or loopback', (raw) => {
  const items = typeof raw === 'string' ? raw.split(',').map((each) => each.trim()) : raw;
  if (!Array.isArray(items)) return refuse(`must be a list of addresses, not ${shown(raw)}`);
  const bad = items.find((each) => typeof each !== 'string' || !isProxy(each));
  return bad === undefined
    ? (items as string[])
    : refuse(`must hold addresses, blocks like 10.0.0.0/8, or loopback, not ${shown(bad)}`);
});

function isProxy(text: string): boolean {
  const [host = '', bits] = text.split('/');
  const family = isIP(host);
  if (family === 0) return text === 'loopback';
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
