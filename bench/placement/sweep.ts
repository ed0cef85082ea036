// With which thresholds whoever knows the future does best (control.md §6: "best of a published sweep"). Ours are chosen for a forecast that errs;
// the oracle may wait longer and fill fuller, and a gap is only as honest as its far end.
import type { Thresholds } from '../../src/sim/engine/policies.ts';
import { median } from '../../src/sim/statistics.ts';
import type { World } from '../../src/sim/world.ts';
import type { Asked } from './cells.ts';
import type { GridRow, Traces } from './grid.ts';
import { keptRuns, type Run, runAll, worldOfRow } from './run-all.ts';

/** Ours first. Moves begin above `enter`, aim at `goal`, and fill nobody above `targetMax`. */
const swept: readonly Required<Pick<Thresholds, 'enter' | 'goal' | 'targetMax'>>[] = [
  { enter: 0.85, goal: 0.8, targetMax: 0.95 },
  { enter: 0.8, goal: 0.75, targetMax: 0.95 },
  { enter: 0.9, goal: 0.85, targetMax: 0.95 },
  { enter: 0.95, goal: 0.9, targetMax: 0.95 },
  { enter: 1, goal: 0.95, targetMax: 0.95 },
  { enter: 0.85, goal: 0.8, targetMax: 1 },
  { enter: 0.95, goal: 0.9, targetMax: 1 },
  { enter: 1, goal: 0.95, targetMax: 1 },
];

/** Rows in which moves alone have something to do. */
export const isSwept = ({ kind, utilisation }: GridRow): boolean => kind === 'decorrelated' && utilisation > 50;

/** Of rows that are swept. */
export async function sweepLines(
  base: World,
  traces: Traces,
  { rows, seeds, keptIn }: Asked,
  say: (line: string) => void,
): Promise<string[]> {
  const wanted = rows.flatMap((row) => {
    const world = worldOfRow(base, row, traces);
    return seeds.flatMap((seed) =>
      swept.map((thresholds) => ({ row, world, policy: 'oracle-moves' as const, seed, thresholds })),
    );
  });
  const { runs } = await runAll(wanted, keptRuns(keptIn), say);
  const shown = (each: readonly Run[]): string => median(each.map(({ result }) => result.violatingMinutes)).toFixed(0);
  const lines = [
    `| enter | goal | targetMax | ${rows.map(({ name }) => name).join(' | ')} | all, of all seeds |`,
    `|---|---|---|${'---|'.repeat(rows.length + 1)}`,
  ];
  for (const thresholds of swept) {
    const these = runs.filter((run) => run.thresholds === thresholds);
    const sum = these.reduce((all, { result }) => all + result.violatingMinutes, 0);
    const byRow = rows.map((row) => shown(these.filter((run) => run.row === row)));
    lines.push(`| ${[...Object.values(thresholds), ...byRow, sum].join(' | ')} |`);
  }
  return lines;
}
