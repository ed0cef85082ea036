// Days as a place on Earth has them: when a date begins and ends there. A day may have 23 or 25 hours, and need not begin at midnight.
import { type Weekday, weekdays } from './metadata.ts';

export interface DaySpan {
  readonly date: string;
  readonly fromSec: number;
  readonly toSec: number;
  readonly weekday: Weekday;
}

const daySec = 86_400;

export function isTimeZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && formatOf(name) !== undefined;
  } catch {
    return false;
  }
}

/** What is wrong with a date or range of dates, as the rest of a sentence; undefined: nothing. */
export function dayMistake(day: string): string | undefined {
  const [from = '', to = from, ...more] = day.split('..');
  const bad = [from, to].find((each) => dateNumber(each) === undefined);
  if (more.length > 0 || bad !== undefined) {
    return `must be a date such as 2026-12-25, or a range such as 2026-12-28..2026-12-31, not "${day}"`;
  }
  return dateNumber(to)! < dateNumber(from)! ? `ends before it begins: "${day}"` : undefined;
}

/** How many days sound dates and ranges name. */
export const dayCount = (days: readonly string[]): number => days.reduce((sum, day) => sum + numbersOf(day).count, 0);

/** Sound dates and ranges as spans of time, ascending, each date once; those that touch [fromSec, toSec). */
export function zonedDays(
  days: readonly string[],
  timeZone: string,
  within: { readonly fromSec: number; readonly toSec: number },
): DaySpan[] {
  const numbers = new Set<number>();
  for (const day of days) {
    const { first, count } = numbersOf(day);
    for (let at = 0; at < count; at++) numbers.add(first + at);
  }
  // Where a day begins is only looked up near the span: that takes its time.
  const isNear = (number: number): boolean =>
    (number + 3) * daySec > within.fromSec && (number - 2) * daySec < within.toSec;
  return [...numbers]
    .filter(isNear)
    .sort((a, b) => a - b)
    .map((number) => ({
      date: new Date(number * daySec * 1000).toISOString().slice(0, 10),
      fromSec: dayStartSec(number, timeZone),
      toSec: dayStartSec(number + 1, timeZone),
      weekday: weekdays[(number + 4) % 7]!,
    }))
    .filter(({ fromSec, toSec }) => toSec > within.fromSec && fromSec < within.toSec);
}

function numbersOf(day: string): { first: number; count: number } {
  const [from = '', to = from] = day.split('..');
  const first = dateNumber(from) ?? Number.NaN;
  return { first, count: (dateNumber(to) ?? Number.NaN) - first + 1 };
}

/** Days since 1970; undefined for what is no date of the years 1970–2199. */
function dateNumber(text: string): number | undefined {
  if (!/^(19[7-9]\d|2[01]\d\d)-\d\d-\d\d$/.test(text)) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (!Number.isFinite(ms) || new Date(ms).toISOString().slice(0, 10) !== text) return undefined;
  return ms / 1000 / daySec;
}

/** The first moment whose local date is the day's. */
function dayStartSec(number: number, timeZone: string): number {
  const wanted = number * daySec;
  // Zones lie within 14 hours of UTC: local time passes `wanted` between these, and only once for a date.
  let before = wanted - 16 * 3600;
  let after = wanted + 16 * 3600;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localDateNumber(middle, timeZone) < number) before = middle;
    else after = middle;
  }
  return after;
}

function localDateNumber(timeSec: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(timeSec * 1000);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return Math.round(Date.UTC(of('year'), of('month') - 1, of('day')) / 1000 / daySec);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one costs more than all its uses. Throws RangeError for a zone that is none. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric', month: 'numeric', day: 'numeric' });
  formats.set(timeZone, made);
  return made;
}
