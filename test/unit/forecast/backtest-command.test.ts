// `echogate forecast backtest` from file to files: what scripts read, and what people are told when the input is wrong.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type BacktestOptions, backtestFiles } from '../../../src/cli/backtest-command.ts';
import { dailyLoad } from './made-series.ts';

const dir = mkdtempSync(join(tmpdir(), 'echogate-backtest-'));
const file = (name: string): string => join(dir, name);
const options: BacktestOptions = { step: '1800', horizon: '2', aggregate: 'mean', trees: false, prophet: 'own' };
let printed = '';

beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => void vi.restoreAllMocks());
afterAll(() => rmSync(dir, { recursive: true }));

function store(name: string, time: (sec: number) => string): string {
  const lines = [...dailyLoad(400, 1800)].map((value, at) => `${time(1.7e9 + at * 1800)},${value}`);
  const text = `timestamp,value\n${lines.join('\n')}\n`;
  writeFileSync(file(name), name.endsWith('.gz') ? gzipSync(text) : text);
  return file(name);
}

test('CSV, JSON and table of two files, of which one is packed', async () => {
  const iso = store('iso.csv.gz', (sec) => new Date(sec * 1000).toISOString());
  const epoch = store('epoch.csv', String);
  await backtestFiles([iso, epoch], { ...options, out: file('out.csv'), json: file('out.json') });
  const lines = readFileSync(file('out.csv'), 'utf8').trim().split('\n');
  expect(lines[0]).toBe(
    'series,origin,kind,target_start,target_end,actual,q05,q10,q20,q30,q40,q50,q60,q70,q80,q90,q95,q99,q995',
  );
  const rows = lines.slice(1).map((line) => line.split(','));
  expect(rows).toHaveLength(2 * 2 * (400 - 280 - 1));
  for (const [, origin, kind, start, end, actual, ...quantiles] of rows) {
    expect(Number(start) - Number(origin)).toBe(kind === 'mean' ? 1800 : 3600);
    expect(Number(end) - Number(origin)).toBe(3600);
    expect(Number(actual)).toBeGreaterThan(0);
    expect([...quantiles].map(Number)).toEqual([...quantiles].map(Number).sort((a, b) => a - b));
  }
  const { results, summary } = JSON.parse(readFileSync(file('out.json'), 'utf8'));
  expect(results.map(({ series, kind }: { series: string; kind: string }) => `${series} ${kind}`)).toEqual([
    'iso mean',
    'iso last',
    'epoch mean',
    'epoch last',
  ]);
  expect(results[0].n).toBe(400 - 280 - 1);
  expect(results[0].wql.mix).toBe(results[2].wql.mix);
  expect(Object.keys(results[0].wql)).toEqual([
    'mix',
    'last',
    'ewma',
    'mean12',
    'seasonalDay',
    'seasonalWeek',
    'prophet',
  ]);
  expect(summary[0].ratioToBestSimple).toBeCloseTo(results[0].ratioToBestSimple);
  expect(printed).toContain('× best simple');
});

test('declared jobs come from a file, by series', async () => {
  const epoch = store('job.csv', String);
  const start = [1.7e9 + 300 * 1800, new Date((1.7e9 + 350 * 1800) * 1000).toISOString()];
  writeFileSync(file('jobs.json'), JSON.stringify([{ name: 'a', series: 'job', start, durationSec: 3600, load: 500 }]));
  await backtestFiles([epoch], { ...options, jobs: file('jobs.json'), out: file('with.csv') });
  await backtestFiles([epoch], { ...options, out: file('without.csv') });
  const highest = (name: string): number[] =>
    readFileSync(file(name), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split(',').at(-1)));
  expect(Math.max(...highest('with.csv'))).toBeGreaterThan(400);
  expect(Math.max(...highest('without.csv'))).toBeLessThan(400);
});

test.each<readonly [string, string, Partial<BacktestOptions>, RegExp]>([
  ['no file', 'absent.csv', {}, /cannot read .*absent\.csv/],
  ['a bad time', 'timestamp,value\n1700000000,1\nyesterday,2\n', {}, /line 3: "yesterday"/],
  ['milliseconds', 'timestamp,value\n1700000000000,1\n', {}, /too great for epoch seconds/],
  ['too many fields', 'timestamp,value\n1700000000,1,2\n', {}, /line 2: 3 fields/],
  ['nothing', 'timestamp,value\n', {}, /holds 0 samples/],
  ['two points', 'timestamp,value\n1700000000,1\n1700001800,2\n', {}, /too few/],
  ['a step of nothing', 'timestamp,value\n', { step: '0' }, /--step takes a whole number/],
  ['a horizon in words', 'timestamp,value\n', { horizon: 'far' }, /--horizon takes/],
  ['another aggregate', 'timestamp,value\n', { aggregate: 'max' }, /--aggregate takes sum or mean/],
  ['no such jobs', 'timestamp,value\n', { jobs: '/nowhere.json' }, /cannot read/],
])('%s is told in a sentence', async (_name, text, more, message) => {
  const path = text.includes('\n') ? file('wrong.csv') : file(text);
  if (text.includes('\n')) writeFileSync(path, text);
  await expect(backtestFiles([path], { ...options, ...more })).rejects.toThrow(message);
});
