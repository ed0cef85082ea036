// `npm run bench:forecast -- [--traces DIR] [--traces-only | --jobs-only | --bands-only | --cost-only]`: the backtest of every trace at 5 minutes
// and at 1 hour, declared jobs, partition bands, and what it costs; writes docs/FORECAST.md. `--replay-only [--factor F] [--bins N]` replays a
// day on a running gateway. `--resume DIR` keeps what is done there, and goes on with what was kept by the same code.
// Exit codes: 0 measured, 1 no traces, 2 wrong usage.
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSeries } from '../../src/cli/read-series.ts';
import { toBins } from '../../src/forecast/forecast.ts';
import { machineLine, writeSection } from '../../test/support/page.ts';
import { aggregateOf, traceFile } from './band-fleet.ts';
import { writeBands } from './band-section.ts';
import { type Cost, measureCost } from './cost.ts';
import { writeJobs } from './jobs-section.ts';
import { replay } from './replay.ts';
import { writeTraces } from './trace-section.ts';

const page = 'docs/FORECAST.md';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      traces: { type: 'string', default: '../shared/traces/load' },
      'cost-only': { type: 'boolean', default: false },
      'traces-only': { type: 'boolean', default: false },
      'jobs-only': { type: 'boolean', default: false },
      'bands-only': { type: 'boolean', default: false },
      'replay-only': { type: 'boolean', default: false },
      resume: { type: 'string' },
      factor: { type: 'string', default: '60' },
      bins: { type: 'string', default: '288' },
    },
  });
  if (values['cost-only']) return writeCosts();
  if (!existsSync(values.traces)) {
    say(`There are no traces at ${values.traces}; give the folder with --traces. ${page} stays as it is.`);
    return 1;
  }
  if (values['traces-only']) return writeTraces(page, values.traces, say, values.resume);
  if (values['jobs-only']) return writeJobs(page, values.traces, say, values.resume);
  if (values['bands-only']) return writeBands(page, values.traces, say);
  if (values['replay-only']) return writeReplay(values.traces, Number(values.factor), Number(values.bins));
  await writeTraces(page, values.traces, say, values.resume);
  await writeJobs(page, values.traces, say, values.resume);
  await writeBands(page, values.traces, say);
  return writeCosts();
}

/** Days of history ahead of the day that is replayed. */
const historyDays = 10;
const binsPerDay = 288;

async function writeReplay(traces: string, factor: number, bins: number): Promise<number> {
  const wanted = historyDays * binsPerDay + bins;
  const series = readdirSync(traces)
    .filter((name) => traceFile.test(name))
    .flatMap((name) => {
      const { values } = toBins(readSeries(join(traces, name)), 300, aggregateOf(name));
      return values.length < wanted ? [] : [{ name: name.replace(traceFile, ''), values: values.slice(-wanted) }];
    });
  const dir = mkdtempSync(join(tmpdir(), 'echogate-replay-'));
  const { judged, world } = await replay({ dir, series, bins, factor, perSec: 20, say });
  const { count, inside, below, above, insideOf, horizons, requests, failed } = judged;
  const share = inside / count;
  const lines = [
    `Measured on ${await machineLine()}.`,
    '',
    `${series.length} areas (${series.map(({ name }) => name).join(', ')}) over four partitions, ${historyDays} days of history, then ${bins} bins replayed`,
    `${factor} times as fast by ${requests.toLocaleString('en')} GETs, ${failed} failed. Horizons published: ${horizons.map((each) => `${each * 5} min`).join(', ')}.`,
    '',
    `Measured demand inside the published 90 % band of the next five minutes: **${inside} of ${count}** (${(100 * share).toFixed(1)} %; ${below} below, ${above} above; wanted: 85–95 %).`,
    `By partition: ${Object.entries(insideOf)
      .map(([partition, part]) => `${partition} ${(100 * part).toFixed(1)} %`)
      .join(', ')}.`,
  ];
  for (const line of lines) say(line);
  await writeSection(page, 'replay', lines);
  say(`the server's data stays at ${world.data}`);
  return share >= 0.85 && share <= 0.95 && failed === 0 ? 0 : 1;
}

async function writeCosts(): Promise<number> {
  const collect = (globalThis as { gc?: () => void }).gc ?? ((): void => {});
  const costs = [[12], [1, 12]].flatMap((horizons) =>
    [false, true].map((trees) => measureCost(horizons, trees, collect)),
  );
  await writeSection(page, 'cost', [`Measured on ${await machineLine()}.`, ...costLines(costs)]);
  say(`written to ${page}`);
  return 0;
}

function costLines(costs: readonly Cost[]): string[] {
  return [
    '',
    'On one core: a series with four weeks of history, all quantiles, both targets of each horizon. CPU time.',
    '',
    '| | a refit | refits a minute | a sample | memory grown over 500 refits |',
    '|---|---|---|---|---|',
    ...costs.map(
      ({ configuration, refitMs, refitsPerMinute, sampleMicros, grownMiB }) =>
        `| ${configuration} | ${refitMs.toFixed(0)} ms | ${refitsPerMinute.toFixed(0)} | ${sampleMicros.toFixed(1)} µs | ${grownMiB.toFixed(1)} MiB |`,
    ),
  ];
}

process.exitCode = await main();
