// Runs every policy of a world with every seed, and puts what came of it into one document.
import { type Comparison, comparePolicies, type PolicySummary, summarise } from './compare-policies.ts';
import type { RunTask } from './do-task.ts';
import { inThreads } from './in-threads.ts';
import type { PolicyResult } from './result.ts';
import type { World } from './world.ts';

export interface SimulationOptions {
  readonly seeds: readonly number[];
  readonly threads: number;
  /** A folder for minutes and moves of each run. */
  readonly out?: string | undefined;
  onDone?(done: number, of: number, result: PolicyResult): void;
}

export interface Simulation {
  readonly version: 1;
  /** Of the configuration and all data. */
  readonly digest: string;
  readonly wallMs: number;
  readonly seeds: readonly number[];
  readonly policies: readonly PolicySummary[];
  readonly comparisons: readonly Comparison[];
  readonly results: readonly PolicyResult[];
}

export async function simulate(world: World, { seeds, threads, out, onDone }: SimulationOptions): Promise<Simulation> {
  const startedMs = performance.now();
  const tasks = seeds.flatMap((seed) =>
    world.scenario.policies.map((policy): RunTask => ({ kind: 'run', world, policy, seed, out })),
  );
  let done = 0;
  const results = await inThreads(tasks, threads, {
    onDone: (_, result) => onDone?.(++done, tasks.length, result),
  });
  return {
    version: 1,
    digest: world.digest,
    wallMs: Math.round(performance.now() - startedMs),
    seeds,
    policies: summarise(results),
    comparisons: comparePolicies(results),
    results,
  };
}
