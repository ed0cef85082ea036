// `npm run bench:forecast -- [--traces DIR] [--cost-only | --bands-only]`: the backtest of every trace at 5 minutes and at 1 hour, partition bands,
// and what it costs; writes docs/FORECAST.md.
// Exit codes: 0 measured, 1 no traces, 2 wrong usage.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { backtestFiles } from '../../src/cli/backtest-command.ts';
import { readSeries } from '../../src/cli/read-series.ts';
import { geometricMean, type Scores, toBins } from '../../src/forecast/forecast.ts';
import { machineLine, writeSection } from '../../test/support/page.ts';
import { aggregateOf } from './band-fleet.ts';
import { writeBands } from './band-section.ts';
import { type Cost, measureCost } from './cost.ts';
import { replay } from './replay.ts';

const page = 'docs/FORECAST.md';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

type Result = Scores & { series: string; seconds: number };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      traces: { type: 'string', default: '../shared/traces/load' },
      'cost-only': { type: 'boolean', default: false },
      'bands-only': { type: 'boolean', default: false },
      'replay-only': { type: 'boolean', default: false },
      factor: { type: 'string', default: '60' },
      bins: { type: 'string', default: '288' },
    },
  });
  if (values['cost-only']) return writeCosts();
  if (!existsSync(values.traces)) {
    say(`There are no traces at ${values.traces}; give the folder with --traces. ${page} stays as it is.`);
    return 1;
  }
  if (values['bands-only']) return writeBands(page, values.traces, say);
  if (values['replay-only']) return writeReplay(values.traces, Number(values.factor), Number(values.bins));
  const files = readdirSync(values.traces).filter((name) => /\.csv(\.gz)?$/.test(name));
  const dir = mkdtempSync(join(tmpdir(), 'echogate-bench-forecast-'));
  const byHorizon = new Map<number, Result[]>();
  for (const horizon of [1, 12]) {
    const results: Result[] = [];
    for (const file of files) {
      const json = join(dir, 'scores.json');
      const options = {
        step: '300',
        horizon: String(horizon),
        aggregate: aggregateOf(file),
        trees: true,
        prophet: 'own',
        json,
      };
      await backtestFiles([join(values.traces, file)], options);
      results.push(...(JSON.parse(readFileSync(json, 'utf8')) as { results: Result[] }).results);
    }
    byHorizon.set(horizon, results);
  }
  rmSync(dir, { recursive: true });
  const machine = await machineLine();
  const measured = [
    `Measured on ${machine}.`,
    ...[...byHorizon].flatMap(([horizon, results]) => section(horizon, results)),
  ];
  await writeSection(page, 'measured', measured);
  await writeBands(page, values.traces, say);
  return writeCosts();
}

/** Days of history ahead of the day that is replayed. */
const historyDays = 10;
const binsPerDay = 288;

async function writeReplay(traces: string, factor: number, bins: number): Promise<number> {
  const wanted = historyDays * binsPerDay + bins;
  const series = readdirSync(traces)
    .filter((name) => /\.csv(\.gz)?$/.test(name))
    .flatMap((name) => {
      const { values } = toBins(readSeries(join(traces, name)), 300, aggregateOf(name));
      return values.length < wanted ? [] : [{ name: name.replace(/\.csv(\.gz)?$/, ''), values: values.slice(-wanted) }];
    });
  const dir = mkdtempSync(join(tmpdir(), 'echogate-replay-'));
  const { judged, world } = await replay({ dir, series, bins, factor, perSec: 20, say });
  const { count, inside, below, above, horizons, requests, failed } = judged;
  const share = inside / count;
  const lines = [
    `Measured on ${await machineLine()}.`,
    '',
    `${series.length} areas (${series.map(({ name }) => name).join(', ')}) over four partitions, ${historyDays} days of history, then ${bins} bins replayed`,
    `${factor} times as fast by ${requests.toLocaleString('en')} GETs, ${failed} failed. Horizons published: ${horizons.map((each) => `${each * 5} min`).join(', ')}.`,
    '',
    `Measured demand inside the published 90 % band of the next five minutes: **${inside} of ${count}** (${(100 * share).toFixed(1)} %; ${below} below, ${above} above; wanted: 85–95 %).`,
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

function section(horizon: number, results: readonly Result[]): string[] {
  const lines = [
    '',
    `### Next ${horizon * 5} minutes`,
    '',
    '| series | target | n | WQL | last | EWMA | mean of 12 | day ago | week ago | Prophet | × best simple | × Prophet | q05–q95 | ≤ q99 | MASE | s |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|',
  ];
  const kinds = horizon === 1 ? (['mean'] as const) : (['mean', 'last'] as const);
  for (const kind of kinds) {
    const some = results.filter((each) => each.kind === kind);
    for (const { series, n, wql, ...each } of some) {
      const losses = [wql.mix, wql.last, wql.ewma, wql.mean12, wql.seasonalDay, wql.seasonalWeek, wql.prophet];
      const ratios = [each.ratioToBestSimple, each.ratioToProphet].map((ratio) => ratio.toFixed(3));
      lines.push(
        `| ${[series, kind, n, ...losses.map((loss) => loss.toFixed(4)), ...ratios, share(each.insideQ05Q95), share(each.belowQ99), each.mase.toFixed(2), each.seconds.toFixed(0)].join(' | ')} |`,
      );
    }
    const simple = some.map((each) => each.ratioToBestSimple);
    const prophet = some.map((each) => each.ratioToProphet);
    const mean = (of: (each: Result) => number): string =>
      share(some.reduce((sum, each) => sum + of(each), 0) / some.length);
    lines.push(
      `| **all** | ${kind} | | | | | | | | | **${geometricMean(simple).toFixed(3)}** (worst ${Math.max(...simple).toFixed(3)}) | **${geometricMean(prophet).toFixed(3)}** | ${mean((each) => each.insideQ05Q95)} | ${mean((each) => each.belowQ99)} | | |`,
    );
  }
  return lines;
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

const share = (value: number): string => `${(100 * value).toFixed(1)} %`;

process.exitCode = await main();
