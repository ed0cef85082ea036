// Runs in threads, kept as they come: a bench that is stopped goes on where it was, as long as the simulator is the same code.
import { availableParallelism } from 'node:os';
import type { RunTask } from '../../src/sim/do-task.ts';
import type { Thresholds } from '../../src/sim/engine/policies.ts';
import { inThreads } from '../../src/sim/in-threads.ts';
import type { PolicyResult } from '../../src/sim/result.ts';
import { scenarioOf } from '../../src/sim/scenario.ts';
import type { PolicyName } from '../../src/sim/scenario-schema.ts';
import { underScenario, type World } from '../../src/sim/world.ts';
import { type KeptAnswers, keptAnswers } from '../forecast/kept-answers.ts';
import { type GridRow, scenarioText, type Traces } from './grid.ts';

export interface Wanted {
  readonly row: GridRow;
  readonly world: World;
  readonly policy: PolicyName;
  readonly seed: number;
  readonly thresholds?: Thresholds;
  /** What the results are called, if not by their policy. */
  readonly name?: string;
}

export interface Run extends Wanted {
  readonly result: PolicyResult;
}

interface Key extends Pick<Wanted, 'policy' | 'seed' | 'thresholds'> {
  readonly digest: string;
}

export type KeptRuns = KeptAnswers<Key, PolicyResult>;

/** All that a run is made of; what forecasts is in the digest of the world. */
const simulating = ['sim', 'placement', 'echo', 'model', 'base'].map(
  (room) => new URL(`../../src/${room}/`, import.meta.url),
);
const toldMs = 15_000;

/** `folder` undefined: nothing is kept. */
export const keptRuns = (folder: string | undefined): KeptRuns => keptAnswers(folder, simulating);

export const worldOfRow = (base: World, row: GridRow, traces: Traces, pool?: { readonly max: number }): World =>
  underScenario(base, scenarioOf(row.name, scenarioText(row, traces, base.scenario.forecast.trees, pool)));

/** In the order in which they are wanted. */
export async function runAll(
  wanted: readonly Wanted[],
  kept: KeptRuns,
  say: (line: string) => void,
): Promise<{ runs: Run[]; kept: number }> {
  const asked = wanted.map((each) => {
    const { world, policy, seed, thresholds } = each;
    const key: Key = { digest: world.digest, policy, seed, ...(thresholds && { thresholds }) };
    return { each, key, task: { kind: 'run', world, policy, seed, thresholds } as const, found: kept.find(key) };
  });
  const missing = asked.filter(({ found }) => found === undefined);
  if (asked.length > 0) say(`${asked.length} runs, ${asked.length - missing.length} of them are there`);
  const startedMs = performance.now();
  let saidMs = startedMs;
  let done = 0;
  const byTask = new Map<RunTask, (typeof asked)[number]>(missing.map((each) => [each.task, each]));
  const results = await inThreads<RunTask>(
    missing.map(({ task }) => task),
    availableParallelism(),
    {
      onDone: (task, result) => {
        const { key, each } = byTask.get(task)!;
        kept.keep(key, result);
        done++;
        if (performance.now() - saidMs < toldMs && done < missing.length) return;
        saidMs = performance.now();
        const leftMin = ((saidMs - startedMs) / done) * ((missing.length - done) / 60_000);
        say(
          `${done} of ${missing.length}, ${leftMin.toFixed(0)} min left; ${each.row.name} ${task.policy} seed ${task.seed}: ${result.violatingMinutes} violating minutes in ${(result.wallMs / 1000).toFixed(1)} s`,
        );
      },
    },
  );
  const made = new Map(missing.map(({ task }, at) => [task as RunTask, results[at]!]));
  return {
    runs: asked.map(({ each, task, found }) => ({ ...each, result: found ?? made.get(task)! })),
    kept: asked.length - missing.length,
  };
}
