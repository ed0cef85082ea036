// `echogate simulate`: reads a scenario, makes its world, runs it and shows what came of it. The table on stdout, progress on stderr.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { ConfigError } from '../config/config.ts';
import {
  type MadeWorld,
  makeWorld,
  type ReadScenario,
  readScenario,
  readSources,
  type Simulation,
  scenarioJsonSchema,
  simulate,
  withPolicies,
} from '../sim/sim.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { hint, say } from './print.ts';
import { describeScenario, showSimulation } from './simulation-text.ts';

export interface SimulateOptions {
  readonly seeds: string;
  readonly check?: boolean;
  readonly policies?: string;
  readonly json?: string;
  readonly out?: string;
  readonly cache?: string;
  readonly threads?: string;
}

const usualCache = '.cache/simulate';
const seedsMax = 10_000;
const progressMs = 2000;

export async function runScenario(path: string, options: SimulateOptions): Promise<void> {
  const seeds = seedsOf(options.seeds);
  const threads = threadsOf(options.threads);
  const read = refused(() => {
    const scenario = readScenario(path);
    return options.policies === undefined ? scenario : withPolicies(scenario, options.policies.split(','));
  });
  if (options.check === true) {
    const sources = refused(() => readSources(read.scenario, read.folder));
    for (const line of describeScenario(read.scenario, sources, seeds)) say(line);
    return;
  }
  const { world } = await worldOf(read, options.cache, threads);
  if (options.out !== undefined) written(options.out, () => mkdirSync(options.out!, { recursive: true }));
  if (options.json !== undefined) written(options.json, () => mkdirSync(dirname(options.json!), { recursive: true }));
  const progress = progressLine();
  const simulation: Simulation = await simulate(world, {
    seeds,
    threads,
    out: options.out,
    onDone: (done, of, { policy, seed, wallMs }) =>
      progress.tell(`${done} of ${of} runs; last: ${policy}, seed ${seed}, ${(wallMs / 1000).toFixed(1)} s`),
  });
  progress.end();
  if (options.json !== undefined) {
    written(options.json, () => writeFileSync(options.json!, `${JSON.stringify(simulation, null, 2)}\n`));
  }
  for (const line of showSimulation(simulation)) say(line);
}

export async function makeForecasts(path: string, options: Pick<SimulateOptions, 'cache' | 'threads'>): Promise<void> {
  const startedMs = performance.now();
  const { made, sources } = await worldOf(
    refused(() => readScenario(path)),
    options.cache,
    threadsOf(options.threads),
  );
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  say(`${made} of ${sources.series.length} series forecast in ${seconds} s; the others were there`);
}

export const printSchema = (): void => say(scenarioJsonSchema().trimEnd());

async function worldOf(read: ReadScenario, cache = usualCache, threads: number): Promise<MadeWorld> {
  const progress = progressLine();
  let total = 0;
  try {
    const made = await makeWorld(read, {
      cache,
      threads,
      onMissing(missing, bins) {
        total = bins;
        hint(`forecasts are made of ${missing.join(', ')} (${bins} bins) and kept in ${cache}`);
      },
      onProgress: (done) => progress.tell(`forecasts: ${Math.floor((100 * done) / total)} % of ${total} bins`),
    });
    for (const note of made.sources.notes) hint(note);
    return made;
  } catch (error) {
    throw told(error);
  } finally {
    progress.end();
  }
}

function refused<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw told(error);
  }
}

function told(error: unknown): unknown {
  return error instanceof ConfigError
    ? new CommandError(error.message, { exitCode: exitCodes.badConfig, cause: error })
    : error;
}

/** One line that is written over on a terminal; elsewhere a line now and then. */
function progressLine(): { tell(text: string): void; end(): void } {
  const { isTTY } = process.stderr;
  let toldMs = performance.now();
  let isOpen = false;
  return {
    tell(text) {
      if (performance.now() - toldMs < (isTTY ? progressMs / 10 : progressMs)) return;
      toldMs = performance.now();
      isOpen = isTTY;
      process.stderr.write(isTTY ? `\r\x1b[K${text}` : `${text}\n`);
    },
    end() {
      if (isOpen) process.stderr.write('\r\x1b[K');
    },
  };
}

function seedsOf(text: string): number[] {
  const [, from, to] = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text.trim()) ?? [];
  const first = Number(from);
  const last = to === undefined ? first : Number(to);
  if (Number.isInteger(first) && last >= first && last - first < seedsMax) {
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  }
  throw new CommandError(`--seeds takes a range such as 1..10, ${seedsMax} seeds at most, not ${text}`, {
    exitCode: exitCodes.usage,
  });
}

function threadsOf(text: string | undefined): number {
  const threads = text === undefined ? availableParallelism() : Number(text);
  if (Number.isInteger(threads) && threads >= 1 && threads <= 256) return threads;
  throw new CommandError(`--threads takes a whole number from 1 to 256, not ${text}`, { exitCode: exitCodes.usage });
}

function written<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CommandError(`cannot write ${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
