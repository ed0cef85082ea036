// All runs of the grid: every row's policies, and then what is asked because of what came of them.
import type { PolicyResult } from '../../src/sim/result.ts';
import { median } from '../../src/sim/statistics.ts';
import type { World } from '../../src/sim/world.ts';
import { cheapest, dearer, type GridRow, policiesOf, type Traces } from './grid.ts';
import { keptRuns, type Run, runAll, type Wanted, worldOfRow } from './run-all.ts';

/** By row and policy, in the order of seeds. */
export type Cells = ReadonlyMap<string, ReadonlyMap<string, readonly PolicyResult[]>>;

export interface Asked {
  readonly rows: readonly GridRow[];
  readonly seeds: readonly number[];
  /** A folder for what is done. */
  readonly keptIn: string | undefined;
}

export async function runCells(
  base: World,
  traces: Traces,
  { rows, seeds, keptIn }: Asked,
  say: (line: string) => void,
): Promise<{ cells: Cells; runs: number; kept: number; wallMs: number }> {
  const kept = keptRuns(keptIn);
  const startedMs = performance.now();
  const worlds = rows.map((row) => worldOfRow(base, row, traces));
  // Seed by seed: what is stopped has all rows of the first ones.
  const wanted = seeds.flatMap((seed) =>
    rows.flatMap((row, at) => policiesOf(row).map((policy) => ({ row, world: worlds[at]!, policy, seed }))),
  );
  const first = await runAll(wanted, kept, say);
  const cells = cellsOf(rows, first.runs);
  const asWell = rows.flatMap((row, at): Variant[] => {
    const own = cells.get(row.name)!;
    const more = isOtherwise(own, 1) ? dearer.map((policy) => ({ row, world: worlds[at]!, policy })) : [];
    if (!isOtherwise(own, -1)) return more;
    const world = worldOfRow(base, row, traces, { max: 0 });
    return [...more, { row, world, policy: 'reactive+', name: cheapest }];
  });
  const second = await runAll(
    seeds.flatMap((seed) => asWell.map((each) => ({ ...each, seed }))),
    kept,
    say,
  );
  const runs = [...first.runs, ...second.runs];
  return {
    cells: cellsOf(rows, runs),
    runs: runs.length,
    kept: first.kept + second.kept,
    wallMs: performance.now() - startedMs,
  };
}

type Variant = Omit<Wanted, 'seed'>;

/** Ours pays more (`sign` -1: less) than reactive+ in some seed, and it is asked what that buys; nothing where there is hardly anything to win. */
function isOtherwise(row: ReadonlyMap<string, readonly PolicyResult[]>, sign: 1 | -1): boolean {
  const [ours, plus] = ['ours', 'reactive+'].map((policy) => row.get(policy));
  if (ours === undefined || plus === undefined) return false;
  if (median(plus.map(({ violatingMinutes }) => violatingMinutes)) === 0) return false;
  return ours.some(
    ({ partitionHours }, at) =>
      sign * (partitionHours - plus[at]!.partitionHours) > 1 && plus[at]!.violatingMinutes > 0,
  );
}

function cellsOf(rows: readonly GridRow[], runs: readonly Run[]): Cells {
  const cells = new Map<string, Map<string, PolicyResult[]>>(rows.map(({ name }) => [name, new Map()]));
  for (const { row, policy, name = policy, result } of runs) {
    const own = cells.get(row.name)!;
    own.set(name, [...(own.get(name) ?? []), result]);
  }
  return cells;
}
