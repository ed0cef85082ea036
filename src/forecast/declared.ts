// What is declared, as the fleet's forecaster takes it: with the times and areas it concerns already looked up, in plain values. And what of it
// concerns one series.
import type { AreaId } from '../model/ids.ts';
import type { Weekday } from '../model/metadata.ts';
import { weekdays } from '../model/metadata.ts';
import { nothingDeclared, type SeriesDeclared } from './declared-loads.ts';
import type { Flow, Flows } from './fleet.ts';
import { settleCalendars, settleHints } from './settle-declared.ts';

export interface AreaJob {
  readonly name: string;
  /** When its runs begin, ascending: those that still run and those to come, and past ones for who learns from the past. */
  readonly starts: readonly number[];
  readonly durationSec: number;
  /** Per second while it runs, over all its areas. */
  readonly load: Flows;
  /** Part of the load that falls on each area; they sum to 1. */
  readonly parts: ReadonlyMap<AreaId, number>;
}

export interface AreaHint {
  readonly name: string;
  /** Bucket and prefix, as a key would begin: `photos/2026/`. */
  readonly where: string;
  readonly fromSec: number;
  readonly toSec: number;
  readonly factor: number;
  /** Which part of each area's demand it means, as far as is known: 0–1. */
  readonly parts: ReadonlyMap<AreaId, number>;
}

export interface AreaCalendar {
  readonly name: string;
  /** Undefined: all buckets. */
  readonly bucket: string | undefined;
  readonly like: Weekday | undefined;
  readonly factor: number;
  readonly days: readonly { readonly fromSec: number; readonly toSec: number; readonly weekday: Weekday }[];
  readonly areas: ReadonlySet<AreaId>;
}

/** Names are unique within their kind. */
export interface FleetDeclared {
  readonly jobs: readonly AreaJob[];
  readonly hints: readonly AreaHint[];
  readonly calendars: readonly AreaCalendar[];
}

/** What of it concerns one area's flow; undefined: nothing. Give it to `SeriesForecaster` when it is made, and by `declare` before each bin. */
export function declaredOf(declared: FleetDeclared | undefined, area: AreaId, flow: Flow): SeriesDeclared | undefined {
  if (declared === undefined) return undefined;
  const jobs = declared.jobs.flatMap(({ name, starts, durationSec, load, parts }) => {
    const own = load[flow] * (parts.get(area) ?? 0);
    return own > 0
      ? [{ name, whole: load[flow], runs: starts.map((startSec) => ({ startSec, durationSec, load: own })) }]
      : [];
  });
  const hints = settleHints(declared.hints.filter(({ parts }) => (parts.get(area) ?? 0) > 0));
  const calendars = settleCalendars(declared.calendars.filter(({ areas }) => areas.has(area)));
  if (jobs.length + hints.length + calendars.length === 0) return undefined;
  return {
    ...nothingDeclared,
    jobs,
    factors: [
      ...calendars.flatMap(({ claim: { name, like, factor }, days, note }) =>
        like === undefined ? [{ kind: 'calendar' as const, name, factor, part: 1, spans: days, ...noted(note) }] : [],
      ),
      ...hints.map(({ claim: { name, factor, parts }, spans, note }) => ({
        kind: 'hint' as const,
        name,
        factor,
        part: parts.get(area)!,
        spans,
        ...noted(note, parts.get(area)! < 1 ? 'its keys are a part of an area, half of which is assumed' : undefined),
      })),
    ],
    likeDays: calendars.flatMap(({ claim: { name, like, factor }, days, note }) =>
      like === undefined
        ? []
        : [
            {
              name,
              factor,
              days: days.map((day) => ({ ...day, daysBack: daysBack(day.weekday, like) })),
              ...noted(note),
            },
          ],
    ),
  };
}

const daysBack = (from: Weekday, to: Weekday): number => (weekdays.indexOf(from) - weekdays.indexOf(to) + 7) % 7;

function noted(...notes: readonly (string | undefined)[]): { note?: string } {
  const told = notes.filter((note) => note !== undefined);
  return told.length === 0 ? {} : { note: told.join('; ') };
}
