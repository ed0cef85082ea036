// `forecast backtest`: runs the forecaster over files and tells how good it would have been. Progress on stderr, the table on stdout.

import { once } from 'node:events';
import { createWriteStream, openSync, writeFileSync } from 'node:fs';
import { type Aggregate, backtest, geometricMean, levels, type Scores, toBins } from '../forecast/forecast.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { hint, say, table } from './print.ts';
import { readJobs, readSeries, seriesName } from './read-series.ts';

export interface BacktestOptions {
  readonly step: string;
  readonly horizon: string;
  readonly aggregate: string;
  readonly trees: boolean;
  readonly prophet: string;
  readonly jobs?: string;
  readonly json?: string;
  readonly out?: string;
}

interface SeriesScores extends Scores {
  readonly series: string;
  /** CPU and waiting of this series: both kinds together. */
  readonly seconds: number;
}

const progressMs = 2000;
const shownLevels = levels.flatMap((level, at) =>
  level >= 0.05 ? [{ at, name: `q${String(level).slice(2).padEnd(2, '0')}` }] : [],
);
export const csvHeader = `series,origin,kind,target_start,target_end,actual,${shownLevels.map(({ name }) => name).join(',')}`;

export async function backtestFiles(files: readonly string[], options: BacktestOptions): Promise<void> {
  const stepSec = wholeNumber('--step', options.step, 1, 7 * 86_400);
  const horizon = wholeNumber('--horizon', options.horizon, 1, 288);
  const aggregate = aggregateOf(options.aggregate);
  const prophet = await prophetOf(options.prophet, stepSec);
  const jobs = options.jobs === undefined ? [] : readJobs(options.jobs);
  const out = options.out === undefined ? undefined : writerTo(options.out);
  const results: SeriesScores[] = [];
  out?.write(`${csvHeader}\n`);
  for (const file of files) {
    const series = seriesName(file);
    const startedMs = performance.now();
    const binned = binsOf(file, stepSec, aggregate);
    let toldMs = startedMs;
    let lines: string[] = [];
    const scores = scored(file, () =>
      backtest(
        binned,
        {
          horizon,
          withTrees: options.trees,
          ...prophet,
          jobs: jobs.filter((job) => job.series === undefined || job.series === series),
        },
        {
          onForecast: (said) => {
            if (out === undefined) return;
            const quantiles = shownLevels.map(({ at }) => said.row[at]!).join(',');
            const actual = Number.isFinite(said.actual) ? said.actual : '';
            lines.push(
              `${quoted(series)},${said.originSec},${said.kind},${said.targetStartSec},${said.targetEndSec},${actual},${quantiles}\n`,
            );
          },
          onProgress: (done, of) => {
            if (performance.now() - toldMs < progressMs) return;
            toldMs = performance.now();
            hint(`${series}: ${Math.floor((100 * done) / of)} % of ${of} bins`);
          },
        },
      ),
    );
    if (out !== undefined && !out.write(lines.join(''))) await once(out, 'drain');
    lines = [];
    const seconds = (performance.now() - startedMs) / 1000;
    hint(`${series}: done in ${seconds.toFixed(1)} s`);
    results.push(...scores.map((score) => ({ series, ...score, seconds })));
  }
  if (out !== undefined) {
    out.end();
    await once(out, 'finish');
  }
  const summary = (['mean', 'last'] as const).map((kind) => ({
    kind,
    ...pooled(results.filter((each) => each.kind === kind)),
  }));
  if (options.json !== undefined) {
    const document = { version: 1, stepSec, horizon, aggregate, withTrees: options.trees, results, summary };
    written(options.json, () => writeFileSync(options.json!, `${JSON.stringify(document, null, 2)}\n`));
  }
  say(tableOf(results));
  for (const { kind, ratioToBestSimple, ratioToProphet, insideQ05Q95, belowQ99 } of summary) {
    say(
      `${kind}: ${ratioToBestSimple.toFixed(3)} × best simple, ${ratioToProphet.toFixed(3)} × Prophet alone (geometric means); ${share(insideQ05Q95)} inside q05–q95, ${share(belowQ99)} at or below q99`,
    );
  }
}

function pooled(
  results: readonly SeriesScores[],
): Pick<Scores, 'ratioToBestSimple' | 'ratioToProphet' | 'insideQ05Q95' | 'belowQ99'> & { worst: number } {
  const mean = (of: (each: Scores) => number): number =>
    results.reduce((sum, each) => sum + of(each), 0) / results.length;
  return {
    ratioToBestSimple: geometricMean(results.map((each) => each.ratioToBestSimple)),
    ratioToProphet: geometricMean(results.map((each) => each.ratioToProphet)),
    worst: Math.max(...results.map((each) => each.ratioToBestSimple)),
    insideQ05Q95: mean((each) => each.insideQ05Q95),
    belowQ99: mean((each) => each.belowQ99),
  };
}

function tableOf(results: readonly SeriesScores[]): string {
  const header = [
    'series',
    'kind',
    'n',
    'WQL',
    'best simple',
    '× simple',
    '× Prophet',
    'q05–q95',
    '≤ q99',
    'MASE',
    's',
  ];
  const rows = results.map((each) => [
    each.series,
    each.kind,
    String(each.n),
    each.wql.mix.toFixed(4),
    each.bestSimple,
    each.ratioToBestSimple.toFixed(3),
    each.ratioToProphet.toFixed(3),
    share(each.insideQ05Q95),
    share(each.belowQ99),
    each.mase.toFixed(3),
    each.seconds.toFixed(1),
  ]);
  return table(rows, header);
}

const share = (value: number): string => `${(100 * value).toFixed(1)} %`;
const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function binsOf(file: string, stepSec: number, aggregate: Aggregate): ReturnType<typeof toBins> {
  const samples = readSeries(file);
  const binned = scored(file, () => toBins(samples, stepSec, aggregate));
  if (binned.unusable > 0)
    hint(`${file}: ${binned.unusable} values are no loads (negative or no number) and count as missing`);
  if (binned.doubled > 0) hint(`${file}: ${binned.doubled} times stand there more than once; their mean is taken`);
  return binned;
}

/** What the forecaster refuses is told with the file's name. */
function scored<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError(`${file}: ${error.message}`, { exitCode: exitCodes.usage });
    throw error;
  }
}

function writerTo(path: string): ReturnType<typeof createWriteStream> {
  return written(path, () => createWriteStream(path, { fd: openSync(path, 'w') }));
}

function written<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CommandError(`cannot write ${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new CommandError(`${option} takes a whole number from ${least} to ${most}, not ${text}`, {
    exitCode: exitCodes.usage,
  });
}

function aggregateOf(text: string): Aggregate {
  if (text === 'sum' || text === 'mean') return text;
  throw new CommandError(`--aggregate takes sum or mean, not ${text}`, { exitCode: exitCodes.usage });
}

async function prophetOf(text: string, stepSec: number): Promise<Pick<Parameters<typeof backtest>[1], 'prophet'>> {
  if (text === 'own') return {};
  if (text === 'wasm') return { prophet: (await import('../compose/open-prophet.ts')).openProphet(stepSec) };
  throw new CommandError(`--prophet takes own or wasm, not ${text}`, { exitCode: exitCodes.usage });
}
