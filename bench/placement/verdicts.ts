// The lines of "Done when" of issue 7, each with what was measured, what is wanted, and whether it holds.
import { variantsOf, violationsAtEqualHours } from '../../src/sim/compare-policies.ts';
import type { PolicyResult } from '../../src/sim/result.ts';
import { type Estimate, gapClosed, median, type Paired, pooledRatio } from '../../src/sim/statistics.ts';
import type { Cells } from './cells.ts';
import { fewer, judged, percent, signed, times } from './figures.ts';
import { type GridRow, type Kind, kinds } from './grid.ts';
import { moveVerdicts } from './move-verdicts.ts';

export interface Verdict {
  readonly claim: string;
  readonly wanted: string;
  readonly figure: string;
  /** Undefined: the rows that it is about were not run. */
  readonly holds: boolean | undefined;
}

/** Fewer violating minutes of reactive say little in a ratio. */
export const stakeMin = 200;

const violations = (results: readonly PolicyResult[]): number[] => results.map((each) => each.violatingMinutes);

export class Judge {
  readonly #cells: Cells;
  readonly #rows: readonly GridRow[];

  constructor(rows: readonly GridRow[], cells: Cells) {
    this.#rows = rows;
    this.#cells = cells;
  }

  all(): Verdict[] {
    return [
      ...(['batch', 'flash'] as const).map((kind) => this.#farBelowReactive(kind)),
      ...this.#nowhereWorse(),
      ...(['batch', 'flash', 'decorrelated'] as const).map((kind) => this.#belowReactivePlus(kind)),
      this.#belowReactivePlusPooled(),
      ...this.#forecastHelps(),
      this.#gapOfMoves(),
      ...this.#bytes(),
      ...moveVerdicts(
        this.#rows.flatMap((row) => this.#of(row, 'ours') ?? []),
        this.#rows.flatMap((row) => this.#of(row, 'reactive') ?? []),
      ),
    ];
  }

  #of(row: GridRow, policy: string): readonly PolicyResult[] | undefined {
    return this.#cells.get(row.name)?.get(policy);
  }

  /** Rows of which both are there. */
  #paired(rows: readonly GridRow[], ours: string, theirs: string): { row: GridRow; paired: Paired }[] {
    return rows.flatMap((row) => {
      const [own, other] = [this.#of(row, ours), this.#of(row, theirs)];
      if (own === undefined || other === undefined) return [];
      return [{ row, paired: { ours: violations(own), theirs: violations(other) } }];
    });
  }

  #farBelowReactive(kind: Kind): Verdict {
    const rows = this.#rows.filter((row) => row.kind === kind && row.moveMinutes === 60 && row.utilisation === 65);
    const ratio = pooledRatio(this.#paired(rows, 'ours', 'reactive').map(({ paired }) => paired));
    return {
      claim: `ours against reactive, ${kind}, 60-minute moves, 65 %`,
      wanted: '≥ 80 % fewer violations',
      figure: fewer(ratio),
      holds: judged(ratio.value, (value) => value <= 0.2),
    };
  }

  #nowhereWorse(): Verdict[] {
    const rows = this.#paired(this.#rows, 'ours', 'reactive').map(({ row, paired }) => ({
      row,
      ours: median(paired.ours),
      theirs: median(paired.theirs),
    }));
    const staked = rows
      .filter(({ theirs }) => theirs >= stakeMin)
      .sort((a, b) => b.ours / b.theirs - a.ours / a.theirs);
    const calm = rows.filter(({ theirs }) => theirs < stakeMin).sort((a, b) => b.ours - b.theirs - (a.ours - a.theirs));
    const [worst, worstCalm] = [staked[0], calm[0]];
    return [
      {
        claim: `ours against reactive, the worst of ${staked.length} rows in which reactive has ≥ ${stakeMin} violating minutes`,
        wanted: 'not more than 5 % worse',
        figure: worst === undefined ? '–' : `${(worst.ours / worst.theirs).toFixed(3)} × (${worst.row.name})`,
        holds: worst && worst.ours <= 1.05 * worst.theirs,
      },
      {
        claim: `ours against reactive, the worst of the other ${calm.length} rows`,
        wanted: 'not more than 10 minutes more',
        figure:
          worstCalm === undefined
            ? '–'
            : `${signed(worstCalm.ours - worstCalm.theirs)} minutes (${worstCalm.row.name})`,
        // No such row, nothing that could be worse.
        holds: worstCalm === undefined ? rows.length > 0 || undefined : worstCalm.ours - worstCalm.theirs <= 10,
      },
    ];
  }

  /** Rows with something at stake, and what reactive+ does with the hours of ours. */
  #atEqualHours(of: readonly Kind[]): Paired[] {
    return this.#rows
      .filter(({ kind }) => of.includes(kind))
      .flatMap((row) => {
        const [ours, plain] = ['ours', 'reactive'].map((policy) => this.#of(row, policy));
        const plus = variantsOf('reactive+', this.#cells.get(row.name) ?? new Map());
        if (ours === undefined || plus.length === 0 || plain === undefined) return [];
        return median(violations(plain)) < stakeMin ? [] : [violationsAtEqualHours(ours, plus)];
      });
  }

  #belowReactivePlus(kind: Kind): Verdict {
    const rows = this.#atEqualHours([kind]);
    const ratio = pooledRatio(rows);
    return {
      claim: `ours against reactive+ at equal partition-hours, ${rows.length} ${kind} rows pooled`,
      wanted: 'fewer violations, interval without 0 difference',
      figure: fewer(ratio),
      holds: judged(ratio.high, (high) => high < 1),
    };
  }

  #belowReactivePlusPooled(): Verdict {
    const rows = this.#atEqualHours(['batch', 'flash', 'decorrelated']);
    const ratio = pooledRatio(rows);
    return {
      claim: `ours against reactive+ at equal partition-hours, ${rows.length} batch, flash and decorrelated rows pooled`,
      wanted: '≥ 30 % fewer violations, interval without 0 difference',
      figure: fewer(ratio),
      holds: judged(ratio.value, (value) => value <= 0.7 && ratio.high < 1),
    };
  }

  #forecastHelps(): Verdict[] {
    const claims = [
      { name: 'batch', rows: this.#rows.filter(({ kind }) => kind === 'batch') },
      {
        name: 'decorrelated, 20- and 60-minute moves',
        rows: this.#rows.filter((row) => row.kind === 'decorrelated' && row.moveMinutes >= 20),
      },
    ];
    return claims.map(({ name, rows }) => {
      const ratio = pooledRatio(this.#paired(rows, 'ours', 'ours-forecast').map(({ paired }) => paired));
      return {
        claim: `ours against ours − forecast, ${name}`,
        wanted: 'fewer violations, interval without 0 difference',
        figure: fewer(ratio),
        holds: judged(ratio.high, (high) => high < 1),
      };
    });
  }

  #gapOfMoves(): Verdict {
    const rows = this.#rows.flatMap((row) => {
      const [from, to, by] = ['reactive', 'oracle-moves', 'ours-moves'].map((policy) => this.#of(row, policy));
      if (row.kind !== 'decorrelated' || from === undefined || to === undefined || by === undefined) return [];
      if (median(violations(from)) < stakeMin) return [];
      return [{ from: violations(from), to: violations(to), by: violations(by) }];
    });
    const closed = gapClosed(rows);
    return {
      claim: `moves alone: part of the gap from reactive to the oracle that is closed, ${rows.length} decorrelated rows pooled`,
      wanted: '≥ 50 % (stretch 70 %)',
      figure: `${percent(closed.value)} (${percent(closed.low)} … ${percent(closed.high)})`,
      holds: judged(closed.value, (value) => value >= 0.5),
    };
  }

  #bytes(): Verdict[] {
    const rows = this.#rows.flatMap((row) => {
      const [ours, theirs] = [this.#of(row, 'ours'), this.#of(row, 'reactive')];
      return ours === undefined || theirs === undefined ? [] : [{ ours, theirs }];
    });
    const pool = (of: (result: PolicyResult) => number): Estimate =>
      pooledRatio(rows.map(({ ours, theirs }) => ({ ours: ours.map(of), theirs: theirs.map(of) })));
    const bytes = pool((each) => each.bytesMoved);
    const violating = pool((each) => each.violatingMinutes);
    return [
      {
        claim: 'bytes that ours moves over those of reactive, all rows pooled',
        wanted: '≤ 1.3 × at no more violations',
        figure: `${times(bytes)}; violations ${times(violating)}`,
        holds: judged(bytes.value, (value) => value <= 1.3 && violating.value <= 1),
      },
    ];
  }
}

/** Kinds of which any row was run. */
export const kindsOf = (rows: readonly GridRow[]): Kind[] =>
  kinds.filter((kind) => rows.some((row) => row.kind === kind));
