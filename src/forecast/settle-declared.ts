// Declarations that contradict each other: of hints for the same keys at the same time the one with the larger factor counts, of calendars for
// the same day the one that names the bucket, then the one with the larger factor. What counts says what it overrules.
import type { Weekday } from '../model/metadata.ts';
import type { Span } from './factor-load.ts';

export interface HintClaim extends Span {
  readonly name: string;
  /** Bucket and prefix, as a key would begin: `photos/2026/`. */
  readonly where: string;
  readonly factor: number;
}

export interface Settled<T> {
  readonly claim: T;
  /** When it counts: ascending, apart. Empty: never. */
  readonly spans: readonly Span[];
  readonly note: string | undefined;
}

export function settleHints<T extends HintClaim>(claims: readonly T[]): Settled<T>[] {
  const ranked = [...claims].sort((a, b) => b.factor - a.factor || (a.name < b.name ? -1 : 1));
  return ranked.map((claim, rank) => {
    const contends = (other: T): boolean => sameKeys(claim.where, other.where) && overlaps(claim, other);
    const weaker = ranked.slice(rank + 1).filter(contends);
    return {
      claim,
      spans: ranked
        .slice(0, rank)
        .filter(contends)
        .reduce(withoutSpan, [claim as Span]),
      note: weaker.length === 0 ? undefined : `counts, being the larger, in place of ${namesOf(weaker)}`,
    };
  });
}

export interface CalendarClaim {
  readonly name: string;
  /** Undefined: all buckets. */
  readonly bucket: string | undefined;
  readonly like: Weekday | undefined;
  readonly factor: number;
  /** Ascending, apart. */
  readonly days: readonly (Span & { readonly weekday: Weekday })[];
}

export interface SettledDays<T extends CalendarClaim> {
  readonly claim: T;
  readonly days: T['days'];
  readonly note: string | undefined;
}

export function settleCalendars<T extends CalendarClaim>(claims: readonly T[]): SettledDays<T>[] {
  const ranked = [...claims].sort(
    (a, b) =>
      Number(b.bucket !== undefined) - Number(a.bucket !== undefined) ||
      b.factor - a.factor ||
      (a.name < b.name ? -1 : 1),
  );
  return ranked.map((claim, rank) => {
    const taken = ranked.slice(0, rank).flatMap(({ days }) => days);
    const weaker = ranked
      .slice(rank + 1)
      .filter(({ days }) => days.some((day) => claim.days.some((own) => overlaps(day, own))));
    return {
      claim,
      days: claim.days.filter((day) => !taken.some((other) => overlaps(day, other))),
      note: weaker.length === 0 ? undefined : `counts in place of ${namesOf(weaker)} on the same day`,
    };
  });
}

const namesOf = (claims: readonly { readonly name: string; readonly factor: number }[]): string =>
  claims.map(({ name, factor }) => `${name} (×${factor})`).join(', ');

/** One of two prefixes begins with the other: there are keys that both mean. */
const sameKeys = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);
const overlaps = (a: Span, b: Span): boolean => a.fromSec < b.toSec && b.fromSec < a.toSec;

function withoutSpan(spans: readonly Span[], taken: Span): readonly Span[] {
  return spans.flatMap((span) => {
    if (!overlaps(span, taken)) return [span];
    return [
      { fromSec: span.fromSec, toSec: Math.min(span.toSec, taken.fromSec) },
      { fromSec: Math.max(span.fromSec, taken.toSec), toSec: span.toSec },
    ].filter(({ fromSec, toSec }) => fromSec < toSec);
  });
}
