// Row `declared`: a job, a hint or a calendar that was declared at run time. What stands in the configuration file has no row.
import { type Calendar, type DeclaredJob, type HotSpotHint, weekdays } from '../../model/metadata.ts';
import type { Reader } from './reader.ts';
import {
  atPlace,
  decodeRecord,
  encodeRecord,
  placeOf,
  readList,
  readOptional,
  writeList,
  writeOptional,
} from './record.ts';
import type { Writer } from './writer.ts';

const format = 1;

export const declaredKinds = ['jobs', 'hints', 'calendars'] as const;

export type DeclaredRow =
  | { readonly kind: 'jobs'; readonly value: DeclaredJob }
  | { readonly kind: 'hints'; readonly value: HotSpotHint }
  | { readonly kind: 'calendars'; readonly value: Calendar };

export const encodeDeclared = (row: DeclaredRow): Buffer =>
  encodeRecord(format, (to) => {
    to.byte(placeOf(declaredKinds, row.kind));
    if (row.kind === 'jobs') writeJob(to, row.value);
    else if (row.kind === 'hints') writeHint(to, row.value);
    else writeCalendar(to, row.value);
  });

export const decodeDeclared = (value: Buffer): DeclaredRow =>
  decodeRecord('declared', format, value, (from) => {
    const kind = atPlace(declaredKinds, from.byte());
    if (kind === 'jobs') return { kind, value: readJob(from) };
    return kind === 'hints' ? { kind, value: readHint(from) } : { kind, value: readCalendar(from) };
  });

function writeJob(to: Writer, job: DeclaredJob): void {
  for (const each of [job.name, job.cron, job.timeZone]) to.text(each);
  for (const each of [job.bucket, job.prefix]) writeOptional(to, each, (text) => to.text(text));
  to.count(job.requests);
  for (const each of [job.readBytes, job.writeBytes]) writeOptional(to, each, (bytes) => to.count(bytes));
  writeOptional(to, job.reads, (share) => to.float(share));
  to.count(job.durationSec);
}

function readJob(from: Reader): DeclaredJob {
  const [name, cron, timeZone] = [from.text(), from.text(), from.text()];
  const [bucket, prefix] = [readOptional(from, () => from.text()), readOptional(from, () => from.text())];
  const requests = from.count();
  const [readBytes, writeBytes] = [readOptional(from, () => from.count()), readOptional(from, () => from.count())];
  const reads = readOptional(from, () => from.float());
  return {
    name,
    cron,
    timeZone,
    requests,
    durationSec: from.count(),
    ...given({ bucket, prefix, readBytes, writeBytes, reads }),
  };
}

function writeHint(to: Writer, hint: HotSpotHint): void {
  to.text(hint.name);
  to.text(hint.bucket);
  writeOptional(to, hint.prefix, (text) => to.text(text));
  to.count(hint.fromSec);
  to.count(hint.toSec);
  to.float(hint.factor);
}

function readHint(from: Reader): HotSpotHint {
  const [name, bucket] = [from.text(), from.text()];
  const prefix = readOptional(from, () => from.text());
  const [fromSec, toSec] = [from.count(), from.count()];
  return { name, bucket, fromSec, toSec, factor: from.float(), ...given({ prefix }) };
}

function writeCalendar(to: Writer, calendar: Calendar): void {
  to.text(calendar.name);
  to.text(calendar.timeZone);
  writeOptional(to, calendar.bucket, (text) => to.text(text));
  writeList(to, calendar.days, (day) => to.text(day));
  writeOptional(to, calendar.like, (like) => to.byte(placeOf(weekdays, like)));
  writeOptional(to, calendar.factor, (factor) => to.float(factor));
}

function readCalendar(from: Reader): Calendar {
  const [name, timeZone] = [from.text(), from.text()];
  const bucket = readOptional(from, () => from.text());
  const days = readList(from, () => from.text());
  const like = readOptional(from, () => atPlace(weekdays, from.byte()));
  const factor = readOptional(from, () => from.float());
  return { name, timeZone, days, ...given({ bucket, like, factor }) };
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Absent fields are left out. */
const given = <T extends object>(fields: T): Given<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
