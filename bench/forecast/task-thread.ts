// What a thread of the forecast bench does: the backtest of one trace, or one seed of the jobs on it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backtestFiles } from '../../src/cli/backtest-command.ts';
import type { Scores } from '../../src/forecast/forecast.ts';
import { answerTasks } from './in-threads.ts';
import { type JobScore, measureJobs } from './jobs.ts';

export interface BacktestTask {
  readonly kind: 'backtest';
  readonly path: string;
  readonly aggregate: 'sum' | 'mean';
  readonly horizon: number;
}

export interface JobsTask {
  readonly kind: 'jobs';
  readonly name: string;
  readonly trace: Float64Array;
  readonly horizons: readonly number[];
  readonly seed: number;
}

export type BacktestScores = Scores & { readonly series: string; readonly seconds: number };

async function backtest({ path, aggregate, horizon }: BacktestTask): Promise<BacktestScores[]> {
  const dir = mkdtempSync(join(tmpdir(), 'echogate-bench-forecast-'));
  const json = join(dir, 'scores.json');
  await backtestFiles([path], { step: '300', horizon: String(horizon), aggregate, trees: true, prophet: 'own', json });
  const { results } = JSON.parse(readFileSync(json, 'utf8')) as { results: BacktestScores[] };
  rmSync(dir, { recursive: true });
  return results;
}

answerTasks<BacktestTask | JobsTask, BacktestScores[] | JobScore[]>((task) =>
  task.kind === 'backtest' ? backtest(task) : measureJobs(task.trace, task.horizons, task.seed),
);
