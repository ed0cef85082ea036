// The claims of docs/PLACEMENT.md: held where the figures say so, not held where they do not, and never held by what was not run.
import { expect, it } from 'vitest';
import { cheapest, grid, policiesOf } from '../../../bench/placement/grid.ts';
import { claimLines, gridLines, oracleLines, partLines } from '../../../bench/placement/page.ts';
import { Judge } from '../../../bench/placement/verdicts.ts';
import type { PolicyResult } from '../../../src/sim/result.ts';

const good: Readonly<Record<string, number>> = {
  static: 5000,
  reactive: 1000,
  'reactive+': 600,
  'ours-moves': 500,
  'ours-forecast': 400,
  'oracle-moves': 200,
  oracle: 50,
  ours: 100,
};

function result(policy: string, seed: number, violatingMinutes: number): PolicyResult {
  return {
    policy,
    seed,
    violatingMinutes,
    shortMinutes: 0,
    excess: 1,
    partitionHours: 2880,
    maxOverMean: 1.2,
    bytesMoved: 2 ** 30,
    bytesByCause: {},
    moves: { started: 100, early: 90, late: 10, needless: 20, undone: 1, needed: 100, declaredEarly: 5, declared: 5 },
    jobs: { runs: 10, unharmed: 9 },
    echo: { bytes: 0, fills: 0 },
    readP50Ms: 1,
    readP99Ms: 2,
    journalDigest: '',
    wallMs: 1,
  };
}

const cellsOf = (violations: Readonly<Record<string, number>>, rows = grid) =>
  new Map(
    rows.map((row) => [
      row.name,
      new Map<string, PolicyResult[]>(
        policiesOf(row).map((policy) => [
          policy,
          Array.from({ length: 10 }, (_, seed) => result(policy, seed + 1, (violations[policy] ?? 150) + seed)),
        ]),
      ),
    ]),
  );
const judged = (violations: Readonly<Record<string, number>>, rows = grid) =>
  new Judge(rows, cellsOf(violations, rows)).all();

/** Ten seeds alike. */
const at = (policy: string, violations: number, partitionHours: number): PolicyResult[] =>
  Array.from({ length: 10 }, (_, seed) => ({ ...result(policy, seed + 1, violations), partitionHours }));

it('all hold with good figures', () => {
  expect(judged(good).filter(({ holds }) => holds !== true)).toEqual([]);
});

it.each([
  ['ours', 1060, 10],
  ['ours-forecast', 90, 2],
  ['ours-moves', 700, 1],
])('with %s at %d, %d do not hold', (policy, violations, count) => {
  expect(judged({ ...good, [policy]: violations }).filter(({ holds }) => holds === false)).toHaveLength(count);
});

it('rows that were not run hold nothing', () => {
  const rows = grid.filter(({ kind }) => kind === 'correlated');
  const claims = judged(good, rows).filter(({ claim }) => /batch|flash|decorrelated/.test(claim));
  expect(claims.map(({ holds }) => holds)).toEqual(claims.map(() => undefined));
});

it('pages have a line per claim, row and part', () => {
  const cells = cellsOf(good);
  expect(claimLines(grid, cells).filter((line) => line.includes('**held**'))).toHaveLength(judged(good).length);
  const runs = grid.reduce((sum, row) => sum + policiesOf(row).length, 0);
  expect(gridLines(grid, cells).filter((line) => /^\| \d+ min/.test(line))).toHaveLength(runs);
  expect(partLines(grid, cells).some((line) => line.includes('| jobs |'))).toBe(true);
  expect(oracleLines(grid, cells).some((line) => line.startsWith('| flash-60-80 |'))).toBe(true);
  for (const line of [...claimLines(grid, cells), ...gridLines(grid, cells)]) expect(line).not.toContain('NaN');
});

it('reactive+ is taken at whatever price has the hours of ours', () => {
  const cells = cellsOf(good);
  for (const own of cells.values()) {
    if (!own.has('reactive+')) continue;
    own.set('ours', at('ours', 100, 3000));
    own.set('reactive+90', at('reactive+90', 0, 3120));
  }
  const claims = new Judge(grid, cells).all().filter(({ claim }) => claim.includes('reactive+'));
  // Half of the way from 600 to none: more than 100, and not by chance.
  expect(claims.map(({ holds }) => holds)).toEqual([true, true, true, true]);
  for (const own of cells.values()) own.set('reactive+90', at('reactive+90', 0, 2990));
  const dearer = new Judge(grid, cells).all().filter(({ claim }) => claim.includes('reactive+'));
  expect(dearer.map(({ holds }) => holds)).not.toContain(true);
});

it('and, where that has more hours, without its pool', () => {
  const cells = cellsOf(good);
  const held = (): (boolean | undefined)[] => {
    const claims = new Judge(grid, cells).all().filter(({ claim }) => claim.includes('reactive+'));
    return claims.map(({ holds }) => holds);
  };
  for (const own of cells.values()) {
    if (!own.has('reactive+')) continue;
    own.set('ours', at('ours', 100, 2900));
    own.set('reactive+', at('reactive+', 20, 3120));
  }
  expect(held()).not.toContain(true);
  for (const own of cells.values()) if (own.has('reactive+')) own.set(cheapest, at(cheapest, 600, 2880));
  expect(held()).toEqual([true, true, true, true]);
});
