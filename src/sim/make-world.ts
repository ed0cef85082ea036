// From a scenario to its world: reads the data, takes the forecasts that are kept and makes those that are missing.
import type { ForecastTask } from './do-task.ts';
import { ForecastCache } from './forecast-cache.ts';
import { inThreads } from './in-threads.ts';
import { readSources, type Sources } from './read-sources.ts';
import type { ReadScenario } from './scenario.ts';
import { aheadBinsOf, type World, worldOf } from './world.ts';

export interface WorldOptions {
  /** Folder of forecasts. */
  readonly cache: string;
  readonly threads: number;
  /** Before anything is made: how many series must be forecast, and their bins. */
  onMissing?(missing: readonly string[], bins: number): void;
  onProgress?(doneBins: number): void;
}

export interface MadeWorld {
  readonly world: World;
  readonly sources: Sources;
  /** Series that had to be forecast. */
  readonly made: number;
}

/** Throws ConfigError for what is wrong in the data. */
export async function makeWorld({ scenario, folder }: ReadScenario, watcher: WorldOptions): Promise<MadeWorld> {
  const sources = readSources(scenario, folder);
  const cache = new ForecastCache(watcher.cache);
  const options = { trees: scenario.forecast.trees, aheadBins: aheadBinsOf(scenario) };
  const points = sources.series.map((each) => cache.find(each, options));
  // The longest first: the last one alone would keep a core waiting.
  const missing = sources.series
    .filter((_, at) => points[at] === undefined)
    .sort((a, b) => b.shown.length - a.shown.length);
  if (missing.length > 0) {
    const total = missing.reduce((sum, each) => sum + each.shown.length, 0);
    watcher.onMissing?.(
      missing.map((each) => each.name),
      total,
    );
    const done = new Map<ForecastTask, number>();
    const told = (task: ForecastTask, bins: number): void => {
      done.set(task, bins);
      watcher.onProgress?.([...done.values()].reduce((sum, each) => sum + each, 0));
    };
    const tasks = missing.map(
      ({ startSec, shown }): ForecastTask => ({ kind: 'forecast', series: { startSec, shown }, options }),
    );
    await inThreads(tasks, watcher.threads, {
      onProgress: told,
      // Kept as they come: who is interrupted has lost only what was under way.
      onDone: (task, made) => {
        const series = missing[tasks.indexOf(task)]!;
        cache.keep(series, options, made);
        points[sources.series.indexOf(series)] = made;
        told(task, series.shown.length);
      },
    });
  }
  return { world: worldOf(scenario, sources, points as Float32Array[][]), sources, made: missing.length };
}
