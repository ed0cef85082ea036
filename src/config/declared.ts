// Declared jobs, hints and calendars as an operator writes them, in the file and to the API alike, and as the rest of the house receives them.
import { z } from 'zod';
import { TiB } from '../base/units.ts';
import { cronMistake } from '../model/cron-times.ts';
import {
  type Calendar,
  type DeclaredJob,
  type HotSpotHint,
  metadataLimits,
  type Weekday,
  weekdays,
} from '../model/metadata.ts';
import { dayCount, dayMistake, isTimeZone } from '../model/zoned-days.ts';
import { bucketKind, checked, moment, prefixKind, timeSpan } from './declared-kinds.ts';
import { didYouMean } from './did-you-mean.ts';
import { bytes, choice, integer, type Kind, number, text } from './kinds.ts';

const nameKind = text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'a short name (letters, digits, ._-)');
const zoneKind = checked('an IANA time zone, such as Europe/Berlin', (zone) =>
  isTimeZone(zone) ? undefined : `names no time zone that is known here: "${zone}"; write it like Europe/Berlin`,
);
const requestsMax = 1e12;
const runBytes = bytes(1, 1024 * TiB);
const factorKind = number('a factor', 0, metadataLimits.factorMax);

const job = z
  .strictObject({
    name: nameKind,
    cron: checked('a cron expression of five fields', cronMistake),
    timeZone: zoneKind.optional(),
    bucket: bucketKind.optional(),
    prefix: prefixKind.optional(),
    requests: integer(1, requestsMax),
    readBytes: runBytes.optional(),
    writeBytes: runBytes.optional(),
    reads: number('a part between 0 and 1', -1e-9, 1).optional(),
    duration: timeSpan(metadataLimits.jobSecMax, 'a job that never ends is usual load, which is learned without it'),
  })
  .superRefine(({ bucket, prefix, reads, readBytes, writeBytes }, context) => {
    const wrong = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
    if (prefix !== undefined && bucket === undefined) wrong('prefix', 'needs a bucket beside it');
    if (reads === 0 && readBytes !== undefined) wrong('readBytes', 'stand there, but reads is 0: nothing reads them');
    if (reads === 1 && writeBytes !== undefined)
      wrong('writeBytes', 'stand there, but reads is 1: nothing writes them');
  });

const hint = z
  .strictObject({
    name: nameKind,
    bucket: bucketKind,
    prefix: prefixKind.optional(),
    from: moment,
    to: moment,
    factor: factorKind,
  })
  .superRefine(({ from, to }, context) => {
    if (to <= from) context.addIssue({ code: 'custom', path: ['to'], message: 'must lie behind from' });
  });

const days: Kind<readonly string[]> = z.unknown().transform((raw, context): readonly string[] => {
  const list = typeof raw === 'string' ? raw.split(',').map((each) => each.trim()) : raw;
  const refuse = (message: string): never => {
    context.issues.push({ code: 'custom', message, input: raw });
    return z.NEVER;
  };
  if (raw === undefined || raw === null) return refuse('is required');
  if (!Array.isArray(list) || list.length === 0) return refuse('must be a list of dates such as 2026-12-25');
  for (const each of list) {
    const mistake = typeof each === 'string' ? dayMistake(each) : `must hold dates such as 2026-12-25, not ${each}`;
    if (mistake !== undefined) return refuse(mistake);
  }
  const count = dayCount(list as string[]);
  return count > metadataLimits.daysMax
    ? refuse(`names ${count} days; at most ${metadataLimits.daysMax} are taken`)
    : (list as string[]);
});

const calendar = z
  .strictObject({
    name: nameKind,
    timeZone: zoneKind.optional(),
    bucket: bucketKind.optional(),
    days,
    like: choice(...weekdays).optional(),
    factor: factorKind.optional(),
  })
  .superRefine(({ like, factor }, context) => {
    if (like !== undefined || factor !== undefined) return;
    context.addIssue({ code: 'custom', path: ['like'], message: 'or factor is required: what are these days like?' });
  });

export const declaredSchemas = { jobs: job, hints: hint, calendars: calendar } as const;
export type DeclaredKind = keyof typeof declaredSchemas;

type FileJob = z.infer<typeof job>;
type FileHint = z.infer<typeof hint>;
type FileCalendar = z.infer<typeof calendar>;

const jobOf = ({ duration, timeZone, ...kept }: FileJob): DeclaredJob =>
  told({ ...kept, timeZone: timeZone ?? 'UTC', durationSec: duration, reads: kept.reads && Math.max(0, kept.reads) });
const hintOf = ({ from, to, ...kept }: FileHint): HotSpotHint => told({ ...kept, fromSec: from, toSec: to });
const calendarOf = ({ timeZone, like, ...kept }: FileCalendar): Calendar =>
  told({ ...kept, timeZone: timeZone ?? 'UTC', like: like as Weekday | undefined });

/** By kind: what the schema lets through → the noun. */
export const declaredNouns = {
  jobs: (file: unknown) => jobOf(file as FileJob),
  hints: (file: unknown) => hintOf(file as FileHint),
  calendars: (file: unknown) => calendarOf(file as FileCalendar),
} as const;

type Nouns = { readonly [Kind in DeclaredKind]: ReturnType<(typeof declaredNouns)[Kind]> };

/** What somebody declares outside the file; `mistakes` are sentences that begin with the key. */
export function readDeclared<const Kind extends DeclaredKind>(
  kind: Kind,
  raw: unknown,
): { readonly value: Nouns[Kind] } | { readonly mistakes: readonly string[] } {
  const schema = declaredSchemas[kind];
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { value: declaredNouns[kind](parsed.data) as Nouns[Kind] };
  const known = Object.keys(schema.shape);
  return {
    mistakes: parsed.error.issues.flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') return [`${issue.path.join('.')} ${issue.message}`.trim()];
      return issue.keys.map((key) => {
        const near = didYouMean(key, known);
        return near === undefined ? `${key} is unknown` : `${key} is unknown; did you mean ${near}?`;
      });
    }),
  };
}

type Told<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** Without the keys that were not written. */
const told = <T extends object, To>(value: T): To & Told<T> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as To & Told<T>;
