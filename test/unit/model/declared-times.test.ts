// When declared jobs run and declared days begin: by the clock of a place, also where it jumps.
import { describe, expect, it } from 'vitest';
import { cronMistake, cronTimes } from '../../../src/model/cron-times.ts';
import { dayCount, dayMistake, isTimeZone, zonedDays } from '../../../src/model/zoned-days.ts';

const sec = (iso: string): number => Date.parse(iso) / 1000;
const iso = (times: readonly number[]): string[] =>
  times.map((time) => new Date(time * 1000).toISOString().slice(0, 16));
const span = (from: string, to: string) => ({ fromSec: sec(from), toSec: sec(to) });

describe('a cron expression', () => {
  it('keeps its local hour when clocks are set, and fires once on days that lack or double it', () => {
    const spring = cronTimes('30 2 * * *', 'Europe/Berlin', span('2026-03-28T00:00Z', '2026-03-31T00:00Z'), 99);
    expect(iso(spring)).toEqual(['2026-03-28T01:30', '2026-03-29T01:00', '2026-03-30T00:30']);
    const autumn = cronTimes('30 2 * * *', 'Europe/Berlin', span('2026-10-24T00:00Z', '2026-10-27T00:00Z'), 99);
    expect(iso(autumn)).toEqual(['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30']);
  });

  it('fires at every turn of an interval through both nights', () => {
    for (const day of ['2026-03-29', '2026-10-25']) {
      const times = cronTimes('*/30 * * * *', 'Europe/Berlin', span(`${day}T00:00Z`, `${day}T04:00Z`), 99);
      expect(iso(times)).toEqual(
        ['00:00', '00:30', '01:00', '01:30', '02:00', '02:30', '03:00', '03:30'].map((time) => `${day}T${time}`),
      );
    }
  });

  it('gives the newest of more times than are wanted', () => {
    const times = cronTimes('* * * * *', 'UTC', span('2026-01-01T00:00Z', '2026-02-01T00:00Z'), 10);
    expect(iso([times[0]!, times.at(-1)!])).toEqual(['2026-01-31T23:50', '2026-01-31T23:59']);
  });

  it('takes its span as [from, to)', () => {
    const times = cronTimes('0 * * * *', 'UTC', span('2026-01-01T01:00Z', '2026-01-01T03:00Z'), 99);
    expect(iso(times)).toEqual(['2026-01-01T01:00', '2026-01-01T02:00']);
  });

  it.each([
    ['', 'five fields'],
    ['@daily', 'five fields'],
    ['0 0 30 2 * *', 'five fields'],
    ['61 * * * *', 'Invalid value for minute: 61'],
    ['0 0 30 2 *', 'never fires'],
    ['a b c d e', 'no cron expression'],
  ])('%j is refused', (cron, why) => {
    expect(cronMistake(cron)).toContain(why);
  });

  it.each(['30 2 * * *', '*/5 8-18 * * MON-FRI', '0 0 29 2 *'])('%j is taken', (cron) => {
    expect(cronMistake(cron)).toBeUndefined();
  });
});

describe('days of a place', () => {
  it('have 23, 24 and 25 hours', () => {
    const hours = (days: string[], zone: string) =>
      zonedDays(days, zone, span('2018-01-01T00:00Z', '2027-01-01T00:00Z')).map(
        ({ fromSec, toSec }) => (toSec - fromSec) / 3600,
      );
    expect(hours(['2026-03-29', '2026-06-01', '2026-10-25'], 'Europe/Berlin')).toEqual([23, 24, 25]);
    // Its midnight did not exist.
    expect(hours(['2018-11-04'], 'America/Sao_Paulo')).toEqual([23]);
  });

  it('begin and end at local midnight, ranges included, each once', () => {
    const days = zonedDays(
      ['2026-12-25', '2026-12-24..2026-12-26'],
      'America/New_York',
      span('2026-12-01T00:00Z', '2027-01-01T00:00Z'),
    );
    expect(days.map(({ date, weekday, fromSec }) => [date, weekday, iso([fromSec])[0]])).toEqual([
      ['2026-12-24', 'thursday', '2026-12-24T05:00'],
      ['2026-12-25', 'friday', '2026-12-25T05:00'],
      ['2026-12-26', 'saturday', '2026-12-26T05:00'],
    ]);
    expect(days[0]!.toSec).toBe(days[1]!.fromSec);
    expect(zonedDays(['2026-12-25'], 'UTC', span('2026-12-26T00:00Z', '2026-12-27T00:00Z'))).toEqual([]);
  });

  it.each(['2026-02-29', '2026-13-01', '26-01-01', '', '2026-01-02..2026-01-01', '2026-01-01..2026-01-02..2026-01-03'])(
    '%j is refused',
    (day) => expect(dayMistake(day)).toBeDefined(),
  );

  it('are counted, ranges by their days', () => {
    expect(dayMistake('2028-02-29')).toBeUndefined();
    expect(dayCount(['2026-12-25', '2026-12-28..2026-12-31'])).toBe(5);
  });

  it('know what is a time zone', () => {
    expect(['Europe/Berlin', 'UTC', 'Mars/Olympus', '', '+02:00'].map(isTimeZone)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
