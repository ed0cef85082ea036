// All runs of the grid in threads, kept as they come: a bench that is stopped goes on where it was, as long as the simulator is the same code.
import { availableParallelism } from 'node:os';
import type { RunTask } from '../../src/sim/do-task.ts';
import { inThreads } from '../../src/sim/in-threads.ts';
import type { PolicyResult } from '../../src/sim/result.ts';
import { scenarioOf } from '../../src/sim/scenario.ts';
import { underScenario, type World } from '../../src/sim/world.ts';
import { keptAnswers } from '../forecast/kept-answers.ts';
import { type GridRow, policiesOf, scenarioText, type Traces } from './grid.ts';

/** By row and policy, in the order of seeds. */
export type Cells = ReadonlyMap<string, ReadonlyMap<string, readonly PolicyResult[]>>;

export interface Asked {
  readonly rows: readonly GridRow[];
  readonly seeds: readonly number[];
  /** A folder for what is done. */
  readonly keptIn: string | undefined;
}

interface Key {
  readonly digest: string;
  readonly policy: string;
  readonly seed: number;
}

/** All that a run is made of; what forecasts is in the digest of the world. */
const simulating = ['sim', 'placement', 'echo', 'model', 'base'].map(
  (room) => new URL(`../../src/${room}/`, import.meta.url),
);
const toldMs = 15_000;

export async function runCells(
  base: World,
  traces: Traces,
  { rows, seeds, keptIn }: Asked,
  say: (line: string) => void,
): Promise<{ cells: Cells; runs: number; kept: number; wallMs: number }> {
  const kept = keptAnswers<Key, PolicyResult>(keptIn, simulating);
  const startedMs = performance.now();
  const worlds = rows.map((row) =>
    underScenario(base, scenarioOf(row.name, scenarioText(row, traces, base.scenario.forecast.trees))),
  );
  // Seed by seed: what is stopped has all rows of the first ones.
  const wanted = seeds.flatMap((seed) =>
    rows.flatMap((row, at) =>
      policiesOf(row).map((policy) => {
        const world = worlds[at]!;
        const key: Key = { digest: world.digest, policy, seed };
        const task: RunTask = { kind: 'run', world, policy, seed };
        return { row, key, task, found: kept.find(key) };
      }),
    ),
  );
  const missing = wanted.filter(({ found }) => found === undefined);
  say(`${wanted.length} runs in ${rows.length} rows, ${wanted.length - missing.length} of them are there`);
  let saidMs = startedMs;
  let done = 0;
  const results = await inThreads(
    missing.map(({ task }) => task),
    availableParallelism(),
    {
      onDone: (task, result) => {
        const { key, row } = missing.find((each) => each.task === task)!;
        kept.keep(key, result);
        done++;
        if (performance.now() - saidMs < toldMs && done < missing.length) return;
        saidMs = performance.now();
        const leftMin = ((saidMs - startedMs) / done) * ((missing.length - done) / 60_000);
        say(
          `${done} of ${missing.length}, ${leftMin.toFixed(0)} min left; ${row.name} ${task.policy} seed ${task.seed}: ${result.violatingMinutes} violating minutes in ${(result.wallMs / 1000).toFixed(1)} s`,
        );
      },
    },
  );
  const made = new Map(missing.map(({ task }, at) => [task, results[at]!]));
  const cells = new Map<string, Map<string, PolicyResult[]>>(rows.map(({ name }) => [name, new Map()]));
  for (const { row, key, task, found } of wanted) {
    const own = cells.get(row.name)!;
    own.set(key.policy, [...(own.get(key.policy) ?? []), found ?? made.get(task)!]);
  }
  return { cells, runs: wanted.length, kept: wanted.length - missing.length, wallMs: performance.now() - startedMs };
}
