// Kinds of value that declared jobs, hints and calendars have, and whatever else is said of keys.
import { type Kind, kind, refuse, shown, text } from './kinds.ts';

export const bucketKind = text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/, 'a bucket name');
export const prefixKind = text(/^[^\p{Cc}\p{Cs}]{1,1024}$/u, 'the beginning of keys');

/** A text that `mistake` finds nothing wrong with; its refusal is the rest of a sentence. */
export function checked(wanted: string, mistake: (value: string) => string | undefined): Kind<string> {
  return kind(wanted, (raw) => {
    if (typeof raw !== 'string') return refuse(`must be ${wanted}, not ${shown(raw)}`);
    const found = mistake(raw);
    return found === undefined ? raw.trim() : refuse(found);
  });
}

const spanUnits: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds out of `90s`, `30m`, `6h`, `2d`; the unit must be told. */
export function timeSpan(secMax: number, tooLong: string): Kind<number> {
  return kind('a time such as 30m or 6h', (raw) => {
    const [, count, unit = ''] = /^(\d+(?:\.\d+)?)\s*([smhd])$/.exec(String(raw).trim()) ?? [];
    const value = Math.round(Number(count) * (spanUnits[unit] ?? Number.NaN));
    if (!Number.isFinite(value)) return refuse(`must be a time such as 30m or 6h, not ${shown(raw)}`);
    if (value > secMax) return refuse(`may be ${secMax / 86_400} days at most, not ${shown(raw)}: ${tooLong}`);
    return value >= 1 ? value : refuse(`must be a second at least, not ${shown(raw)}`);
  });
}

/** Seconds since 1970 out of an ISO 8601 time with Z or an offset. */
export const moment: Kind<number> = kind('a time such as 2026-11-27T06:00:00Z', (raw) => {
  const isTold = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(String(raw));
  const value = isTold ? Date.parse(String(raw)) / 1000 : Number.NaN;
  return Number.isFinite(value) && value >= 0
    ? Math.floor(value)
    : refuse(`must be a time such as 2026-11-27T06:00:00Z or 2026-11-27T07:00+01:00, not ${shown(raw)}`);
});
