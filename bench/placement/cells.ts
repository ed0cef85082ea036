// All runs of the grid in threads, kept as they come: a bench that is stopped goes on where it was, as long as the simulator is the same code.
import { availableParallelism } from 'node:os';
import type { RunTask } from '../../src/sim/do-task.ts';
import { inThreads } from '../../src/sim/in-threads.ts';
import type { PolicyResult } from '../../src/sim/result.ts';
import { scenarioOf } from '../../src/sim/scenario.ts';
import type { PolicyName } from '../../src/sim/scenario-schema.ts';
import { underScenario, type World } from '../../src/sim/world.ts';
import { keptAnswers } from '../forecast/kept-answers.ts';
import { dearer, type GridRow, policiesOf, scenarioText, type Traces } from './grid.ts';

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
    rows.flatMap((row, at) => policiesOf(row).map((policy) => ({ row, world: worlds[at]!, policy, seed }))),
  );
  const first = await runAll(wanted, kept, say);
  const cells = cellsOf(rows, first.runs);
  const dear = rows.flatMap((row, at) => (isDear(cells.get(row.name)!) ? [{ row, world: worlds[at]! }] : []));
  const more = seeds.flatMap((seed) => dear.flatMap((each) => dearer.map((policy) => ({ ...each, policy, seed }))));
  const second = await runAll(more, kept, say);
  const runs = [...first.runs, ...second.runs];
  return {
    cells: cellsOf(rows, runs),
    runs: runs.length,
    kept: first.kept + second.kept,
    wallMs: performance.now() - startedMs,
  };
}

/** Ours pays more there in some seed, and it is asked what that buys. */
function isDear(row: ReadonlyMap<string, readonly PolicyResult[]>): boolean {
  const [ours, plus] = ['ours', 'reactive+'].map((policy) => row.get(policy));
  if (ours === undefined || plus === undefined) return false;
  return ours.some(({ partitionHours }, at) => partitionHours > plus[at]!.partitionHours + 1);
}

function cellsOf(rows: readonly GridRow[], runs: readonly Run[]): Cells {
  const cells = new Map<string, Map<string, PolicyResult[]>>(rows.map(({ name }) => [name, new Map()]));
  for (const { row, policy, result } of runs) {
    const own = cells.get(row.name)!;
    own.set(policy, [...(own.get(policy) ?? []), result]);
  }
  return cells;
}

interface Wanted {
  readonly row: GridRow;
  readonly world: World;
  readonly policy: PolicyName;
  readonly seed: number;
}

interface Run extends Wanted {
  readonly result: PolicyResult;
}

async function runAll(
  wanted: readonly Wanted[],
  kept: ReturnType<typeof keptAnswers<Key, PolicyResult>>,
  say: (line: string) => void,
): Promise<{ runs: Run[]; kept: number }> {
  const asked = wanted.map((each) => {
    const { world, policy, seed } = each;
    const key: Key = { digest: world.digest, policy, seed };
    return { each, key, task: { kind: 'run', world, policy, seed } as const, found: kept.find(key) };
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
