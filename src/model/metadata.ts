// What operators declare about load to come: jobs that run by the clock, hot spots, days that are unlike others. Forecasts take it as a
// prior, which what is seen then puts right.

interface Declared {
  /** Unique among those of its kind. */
  readonly name: string;
}

/** Load that comes by the clock. All amounts are those of one run, spread evenly over its duration. */
export interface DeclaredJob extends Declared {
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** IANA name, such as Europe/Berlin. */
  readonly timeZone: string;
  /** Where it reads and writes; all buckets when not told. */
  readonly bucket?: string;
  readonly prefix?: string;
  readonly requests: number;
  readonly readBytes?: number;
  readonly writeBytes?: number;
  /** Part of the requests that read, 0–1; by the bytes when not told. */
  readonly reads?: number;
  readonly durationSec: number;
}

/** Demand for what begins with a prefix is so many times the usual one for a while. */
export interface HotSpotHint extends Declared {
  readonly bucket: string;
  readonly prefix?: string;
  readonly fromSec: number;
  /** Exclusive. */
  readonly toSec: number;
  /** Above 1: hotter; below: calmer. */
  readonly factor: number;
}

export const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export type Weekday = (typeof weekdays)[number];

/** Days that are like another weekday, or busier or calmer than usual, or both. */
export interface Calendar extends Declared {
  readonly timeZone: string;
  /** Whose load; that of all buckets when not told. */
  readonly bucket?: string;
  /** Dates such as 2026-12-25, or ranges such as 2026-12-28..2026-12-31, both ends included. */
  readonly days: readonly string[];
  readonly like?: Weekday;
  readonly factor?: number;
}

export interface Metadata {
  readonly jobs: readonly DeclaredJob[];
  readonly hints: readonly HotSpotHint[];
  readonly calendars: readonly Calendar[];
}

export const noMetadata: Metadata = { jobs: [], hints: [], calendars: [] };

/** Beyond these a declaration is a slip of the pen. */
export const metadataLimits = {
  jobSecMax: 7 * 86_400,
  factorMax: 1000,
  /** Of one calendar, ranges counted by their days. */
  daysMax: 2000,
  /** Of one kind, declared at run time. */
  rowsMax: 500,
} as const;

/** Part of a job's requests that read. Told, or by its bytes; without either all of them. */
export function readShare({ reads, readBytes = 0, writeBytes = 0 }: DeclaredJob): number {
  if (reads !== undefined) return reads;
  return readBytes + writeBytes > 0 ? readBytes / (readBytes + writeBytes) : 1;
}
