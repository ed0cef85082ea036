// Reads what `forecast backtest` is given: series as CSV, declared jobs as JSON. Mistakes are told with file and line.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Job, parseSamples, parseSeconds, type Sample } from '../forecast/forecast.ts';
import { CommandError, exitCodes } from './exit-codes.ts';

const refusal = (message: string, next?: string): CommandError =>
  new CommandError(message, { exitCode: exitCodes.usage, ...(next === undefined ? {} : { next }) });

export const seriesName = (file: string): string =>
  basename(file)
    .replace(/\.gz$/, '')
    .replace(/\.csv$/, '');

/** A file's text, unpacked when its name ends in .gz. */
function textOf(file: string): string {
  try {
    const bytes = readFileSync(file);
    return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

export function readSeries(file: string): Sample[] {
  const text = textOf(file);
  try {
    return parseSamples(text, file);
  } catch (error) {
    throw error instanceof RangeError ? refusal(error.message) : error;
  }
}

interface SeriesJob extends Job {
  /** Undefined: of all series. */
  readonly series: string | undefined;
}

export function readJobs(file: string): SeriesJob[] {
  const wrong = (what: string): CommandError =>
    refusal(
      `${file}: ${what}`,
      'A job is {"name", "start", "durationSec", "load"}; see echogate forecast backtest --help.',
    );
  let listed: unknown;
  try {
    listed = JSON.parse(textOf(file));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw wrong(`no JSON: ${error instanceof Error ? error.message : error}`);
  }
  const jobs = isRecord(listed) ? listed.jobs : listed;
  if (!Array.isArray(jobs)) throw wrong('a list of jobs is wanted');
  const named = new Map<string, SeriesJob & { runs: Job['runs'][number][] }>();
  jobs.forEach((job: unknown, at) => {
    if (!isRecord(job)) throw wrong(`job ${at + 1} is no object`);
    const { name = `job ${at + 1}`, series, start, durationSec, load } = job;
    const starts = (Array.isArray(start) ? start : [start]).map((each) => parseSeconds(String(each)));
    if (starts.some((each) => !Number.isFinite(each))) throw wrong(`job ${at + 1} has no start that is a time`);
    if (!isPositive(durationSec)) throw wrong(`job ${at + 1} needs a durationSec above 0`);
    if (!isPositive(load)) throw wrong(`job ${at + 1} needs a load above 0`);
    const id = `${series ?? ''}/${name}`;
    const known = named.get(id) ?? {
      name: String(name),
      series: series === undefined ? undefined : String(series),
      runs: [],
    };
    known.runs.push(...starts.map((startSec) => ({ startSec, durationSec, load })));
    named.set(id, known);
  });
  return [...named.values()];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isPositive = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;
