// What a thread of the simulator does: the forecasts of a series, or a run of one policy with one seed. Pure but for the files of a watched run.
import type { MeasuredSeries } from './base-series.ts';
import { runPolicy } from './engine/engine.ts';
import type { Thresholds } from './engine/policies.ts';
import { type ForecastOptions, forecastSeries } from './forecast-series.ts';
import { openRunFiles } from './open-run-files.ts';
import type { PolicyResult } from './result.ts';
import type { PolicyName } from './scenario-schema.ts';
import type { World } from './world.ts';

export interface ForecastTask {
  readonly kind: 'forecast';
  readonly series: Pick<MeasuredSeries, 'startSec' | 'shown'>;
  readonly options: ForecastOptions;
}

export interface RunTask {
  readonly kind: 'run';
  readonly world: World;
  readonly policy: PolicyName;
  readonly seed: number;
  /** A folder for what a run says of each minute and move. */
  readonly out?: string | undefined;
  /** In place of the policy's own. */
  readonly thresholds?: Thresholds | undefined;
}

export type Task = ForecastTask | RunTask;
export type AnswerOf<T extends Task> = T extends ForecastTask ? Float32Array[] : PolicyResult;

/** `onProgress`: so many of the task's steps are done. */
export function doTask<T extends Task>(task: T, onProgress: (done: number) => void): AnswerOf<T> {
  if (task.kind === 'forecast') return forecastSeries(task.series, task.options, onProgress) as AnswerOf<T>;
  const { world, policy, seed, out, thresholds } = task;
  if (out === undefined) return runPolicy(world, policy, seed, { thresholds }) as AnswerOf<T>;
  const files = openRunFiles(out, policy, seed);
  try {
    return runPolicy(world, policy, seed, { watch: files, thresholds }) as AnswerOf<T>;
  } finally {
    files.close();
  }
}
