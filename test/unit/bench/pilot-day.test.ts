// The report of a replayed day, made of what a real run wrote down: nothing comes from outside, nothing is lost, and its sums are those of the record.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverageOf, effectsOf, overOf, partitionDays, sumDay } from '../../../bench/pilot-day/effect.ts';
import { dayPage } from '../../../bench/pilot-day/page.ts';
import { drawPlot } from '../../../bench/pilot-day/plot.ts';
import type { DayRecord } from '../../../bench/pilot-day/record.ts';
import { dayText } from '../../../bench/pilot-day/text.ts';

const record = JSON.parse(readFileSync(join(import.meta.dirname, 'pilot-day.json'), 'utf8')) as DayRecord;
const days = partitionDays(record);

describe('the page of a day', () => {
  const page = dayPage(record);

  it('needs nothing from outside and runs nothing', () => {
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:|\son\w+=/i);
    expect(page).toMatch(/prefers-color-scheme:dark/);
    expect(page).toMatch(/name="viewport"/);
  });

  it('draws each partition, with a band where something was published, and each step with its reason', () => {
    for (const { id } of record.partitions)
      expect(page).toContain(`aria-label="Demand, forecast and capacity of ${id}"`);
    expect(page.match(/class="band"/g)!.length).toBeGreaterThanOrEqual(1);
    const steps = record.decisions.flatMap((each) => each.steps);
    expect(steps.length).toBeGreaterThan(0);
    expect(page).toContain(`because ${steps.find(({ outcome }) => outcome === 'begun')!.because}`);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('shows what others named as text, never as markup', () => {
    const [first, ...rest] = record.areas;
    const odd = { ...record, areas: [{ ...first!, trace: '<b onload="x">&' }, ...rest] };
    expect(dayPage(odd)).toContain('&lt;b onload=&quot;x&quot;&gt;&amp;');
    expect(dayPage(odd)).not.toContain('<b onload');
  });

  it('stands without forecasts, decisions and measurements', () => {
    const bins = record.bins.map((bin) => ({ ...bin, isWatched: false, demand: [], served: {}, forecast: {} }));
    const bare = { ...record, bins, decisions: [], refusals: [] };
    expect(dayPage(bare)).toContain('Nothing had to be done.');
    expect(dayPage(bare)).not.toMatch(/NaN|undefined|Infinity/);
    expect(dayText(bare)).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('the text of a day', () => {
  it('says of each partition how far it went, and fits a terminal', () => {
    const text = dayText(record);
    for (const { id, domain } of record.partitions) expect(text).toContain(`${id} in ${domain}`);
    const rows = text.split('\n').filter((line) => /^ {2}(demand|unmoved|q90|moves) /.test(line));
    expect(rows.length).toBe(4 * record.partitions.length);
    for (const row of rows) expect([...row].length).toBeLessThanOrEqual(86);
  });
});

describe('sums', () => {
  it('are those of the record', () => {
    const sums = sumDay(record, days);
    expect(sums.requests).toBe(record.bins.reduce((all, { requests }) => all + requests.ended, 0));
    expect(Object.values(sums.steps).reduce((all, each) => all + each, 0)).toBe(
      record.decisions.flatMap(({ steps }) => steps).length,
    );
    expect(sums.coverage.count).toBe(days.reduce((all, day) => all + coverageOf(day).count, 0));
  });

  it('move demand about and lose none: together partitions were asked the same, moved or not', () => {
    const of = (name: 'demand' | 'stayed', bin: number) => days.reduce((all, day) => all + (day[name][bin] ?? 0), 0);
    for (let bin = 0; bin < record.bins.length; bin++) expect(of('demand', bin)).toBeCloseTo(of('stayed', bin), 6);
  });

  it('count what is above capacity, and nothing that was not watched', () => {
    expect(overOf([1, undefined, 3, 2.1, 2], 2)).toBe(2);
    expect(effectsOf(record, days).length).toBe(sumOfSteps(record));
  });
});

describe('plots', () => {
  it('stay inside their frame, whatever is drawn', () => {
    const values = fc.array(fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(values, (each) => {
        const svg = drawPlot({
          label: 'x',
          fromSec: 0,
          stepSec: 300,
          lines: [{ name: 'demand', values: each }],
          marks: [],
        });
        const path = /class="line demand" d="([^"]*)"/.exec(svg)![1]!;
        const points = [...path.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
        expect(points.length).toBe(each.filter((one) => one !== undefined).length);
        for (const [x, y] of points) expect(x! >= 44 && x! <= 710 && y! >= 12 && y! <= 190).toBe(true);
      }),
    );
  });
});

const sumOfSteps = ({ decisions }: DayRecord): number => decisions.reduce((all, { steps }) => all + steps.length, 0);
