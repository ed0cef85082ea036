// Which days of which traces are replayed, which of them share a partition, and what the partitions are granted: so little that the first one would
// pass it in its busy hours, while all of them together could carry the day.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readSeries } from '../../src/cli/read-series.ts';
import { toBins } from '../../src/forecast/forecast.ts';
import { aggregateOf } from '../forecast/band-fleet.ts';
import { type ReplayedSeries, scaledTo, stepSec } from '../forecast/replayed-day.ts';

export const binsPerDay = 288;
const historyDays = 10;

interface ChosenDay {
  readonly file: string;
  readonly day: string;
}

const [cup, nasa, elb, net] = [
  'worldcup98-requests-1m.csv.gz',
  'nasa-requests-1m.csv.gz',
  'nab-elb-request-count-8c0756-5m.csv.gz',
  'nab-ec2-network-in-257a54-5m.csv.gz',
];

/** Two for each partition, the hottest first: football in the afternoon and in the evening, offices by day, shops in the evening, and hardly a change. */
const days: readonly ChosenDay[] = [
  { file: cup, day: '1998-06-24' },
  { file: cup, day: '1998-06-18' },
  { file: nasa, day: '1995-07-24' },
  { file: nasa, day: '1995-07-20' },
  { file: elb, day: '2014-04-23' },
  { file: elb, day: '2014-04-22' },
  { file: net, day: '2014-04-23' },
  { file: net, day: '2014-04-22' },
];

export interface ChosenDays {
  /** Real reads per second. */
  readonly series: readonly ReplayedSeries[];
  /** Of each partition, real reads per second. */
  readonly capacity: number;
  /** Bins of the day ahead of the first one that is replayed. */
  readonly skipped: number;
}

/** How far the first partition would pass what it is granted. */
const overload = 1.2;

/** A sentence where a trace is missing. `bins` of the day: those around the hour in which the first partition is asked the most. */
export function chooseDays(traces: string, bins: number, perSec: number): ChosenDays | string {
  const series: ReplayedSeries[] = [];
  for (const { file, day } of days) {
    const path = join(traces, file);
    if (!existsSync(path)) return `there is no ${file} in ${traces}`;
    const { values, startSec } = toBins(readSeries(path), stepSec, aggregateOf(file));
    const end = Math.round((Date.parse(`${day}T00:00:00Z`) / 1000 - startSec) / stepSec) + binsPerDay;
    const own = values.slice(end - (historyDays + 1) * binsPerDay, end);
    series.push({ name: `${nameOf(file)} ${day}`, values: scaledTo(own, perSec) });
  }
  const hottest = smooth(sum(series.slice(0, 2).map(({ values }) => values.slice(-binsPerDay))));
  const peak = hottest.indexOf(Math.max(...hottest));
  const skipped = Math.max(0, Math.min(binsPerDay - bins, peak - Math.floor((bins * 2) / 3)));
  const left = series.map(({ name, values }) => ({
    name,
    values: values.slice(0, values.length - binsPerDay + skipped + bins),
  }));
  return { series: left, capacity: hottest[peak]! / overload, skipped };
}

const nameOf = (file: string): string =>
  file.replace(/-(requests-1m|[0-9a-f]{6}-5m|5m)\.csv.*$/, '').replace(/^nab-/, '');

const sum = (rows: readonly Float64Array[]): number[] =>
  Array.from(rows[0]!, (_, at) => rows.reduce((all, row) => all + (Number.isFinite(row[at]!) ? row[at]! : 0), 0));

/** Means over half an hour. */
const smooth = (values: readonly number[]): number[] =>
  values.map((_, at) => {
    const near = values.slice(Math.max(0, at - 2), at + 4);
    return near.reduce((all, value) => all + value, 0) / near.length;
  });
