// docs/PLACEMENT.md: what is claimed and whether it holds, the whole grid, what each part does, and how far the oracle is.
import { variantsOf, violationsAtEqualHours } from '../../src/sim/compare-policies.ts';
import type { PolicyResult } from '../../src/sim/result.ts';
import type { PolicyName } from '../../src/sim/scenario-schema.ts';
import { type Estimate, median, pooledDifference, pooledRatio } from '../../src/sim/statistics.ts';
import type { Cells } from './cells.ts';
import { type GridRow, policiesOf } from './grid.ts';
import { Judge, kindsOf, type Verdict } from './verdicts.ts';

export function claimLines(rows: readonly GridRow[], cells: Cells): string[] {
  return [
    '| claim | wanted | figure | |',
    '|---|---|---|---|',
    ...new Judge(rows, cells)
      .all()
      .map((each) => `| ${each.claim} | ${each.wanted} | ${each.figure} | ${shownVerdict(each)} |`),
  ];
}

const shownVerdict = ({ holds }: Verdict): string =>
  holds === undefined ? 'not run' : holds ? '**held**' : '**not held**';

const figuresOfGrid: readonly (readonly [name: string, of: (result: PolicyResult) => number, digits: number])[] = [
  ['violating min', (each) => each.violatingMinutes, 0],
  ['fleet short', (each) => each.shortMinutes, 0],
  ['excess', (each) => each.excess, 1],
  ['partition h', (each) => each.partitionHours, 0],
  ['max/mean', (each) => each.maxOverMean, 2],
  ['GiB moved', (each) => each.bytesMoved / 2 ** 30, 1],
  ['moves', (each) => each.moves.started, 0],
  ['undone', (each) => each.moves.undone, 0],
  ['fills', (each) => each.echo.fills, 0],
  ['p50 ms', (each) => each.readP50Ms, 1],
  ['p99 ms', (each) => each.readP99Ms, 1],
];

/** Medians over seeds. */
export function gridLines(rows: readonly GridRow[], cells: Cells): string[] {
  return kindsOf(rows).flatMap((kind) => [
    '',
    `### ${kind}`,
    '',
    `| move, utilisation | policy | ${figuresOfGrid.map(([name]) => name).join(' | ')} | × reactive | × reactive+ at equal hours | GiB per violating minute avoided |`,
    `|---|---|${'---|'.repeat(figuresOfGrid.length + 3)}`,
    ...rows.filter((row) => row.kind === kind).flatMap((row) => rowLines(row, cells)),
  ]);
}

function rowLines(row: GridRow, cells: Cells): string[] {
  const own = cells.get(row.name)!;
  const reactive = own.get('reactive');
  const plus = variantsOf('reactive+', own);
  return [...own].map(([policy, results]) => {
    const avoided = reactive === undefined ? Number.NaN : medianOf(reactive, violating) - medianOf(results, violating);
    const cells = [
      `${row.moveMinutes} min, ${row.utilisation} %`,
      policy,
      ...figuresOfGrid.map(([, of, digits]) => medianOf(results, of).toFixed(digits)),
      policy === 'reactive' || reactive === undefined ? '' : ratio(pooledRatio([paired(results, reactive)])),
      policy.startsWith('reactive') || plus.length === 0
        ? ''
        : ratio(pooledRatio([violationsAtEqualHours(results, plus)])),
      avoided > 0 ? (medianOf(results, (each) => each.bytesMoved) / 2 ** 30 / avoided).toFixed(3) : '',
    ];
    return `| ${cells.join(' | ')} |`;
  });
}

const parts: readonly PolicyName[] = ['ours-forecast', 'ours-echo', 'ours-split', 'ours-jobs', 'ours-rehoming'];

/** What the violations are without a part, over what they are with it. */
export function partLines(rows: readonly GridRow[], cells: Cells): string[] {
  const lines = ['| rows | without | violations × ours | minutes more by seed |', '|---|---|---|---|'];
  for (const kind of kindsOf(rows)) {
    for (const part of parts) {
      const pairs = rows
        .filter((row) => row.kind === kind && policiesOf(row).includes(part))
        .map((row) => cells.get(row.name)!)
        .map((own) => paired(own.get(part)!, own.get('ours')!));
      if (pairs.length === 0) continue;
      const difference = pooledDifference(pairs);
      lines.push(
        `| ${pairs.length} ${kind} | ${part.replace('ours-', '')} | ${ratio(pooledRatio(pairs))} | ${difference.value.toFixed(0)} (${difference.low.toFixed(0)} … ${difference.high.toFixed(0)}) |`,
      );
    }
  }
  return lines;
}

/** Violations of whoever knows the future, over ours. */
export function oracleLines(rows: readonly GridRow[], cells: Cells): string[] {
  const lines = [
    '| row | reactive | ours | oracle | gap closed | moves alone: ours | oracle | gap closed |',
    '|---|---|---|---|---|---|---|---|',
  ];
  for (const row of rows) {
    const own = cells.get(row.name)!;
    const of = (policy: string): number => {
      const results = own.get(policy);
      return results === undefined ? Number.NaN : medianOf(results, violating);
    };
    const reactive = of('reactive');
    const cellsOf = (ours: number, oracle: number): string[] => [
      count(ours),
      count(oracle),
      reactive > oracle ? `${((100 * (reactive - ours)) / (reactive - oracle)).toFixed(0)} %` : '',
    ];
    if (!own.has('oracle') && !own.has('oracle-moves')) continue;
    lines.push(
      `| ${[row.name, count(reactive), ...cellsOf(of('ours'), of('oracle')), ...cellsOf(of('ours-moves'), of('oracle-moves'))].join(' | ')} |`,
    );
  }
  return lines;
}

const violating = (result: PolicyResult): number => result.violatingMinutes;
const medianOf = (results: readonly PolicyResult[], of: (result: PolicyResult) => number): number =>
  median(results.map(of));
const paired = (ours: readonly PolicyResult[], theirs: readonly PolicyResult[]) => ({
  ours: ours.map(violating),
  theirs: theirs.map(violating),
});
const count = (value: number): string => (Number.isNaN(value) ? '' : value.toFixed(0));
const ratio = ({ value, low, high }: Estimate): string =>
  Number.isNaN(value) ? '' : `${value.toFixed(2)} (${low.toFixed(2)} … ${high.toFixed(2)})`;
