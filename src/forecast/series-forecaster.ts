// One series (area × resource), fed bin by bin: the same code for the running gateway, the backtest and the simulator.
import { addBrought } from './add-brought.ts';
import { DeclaredLoads, nothingDeclared, type SeriesDeclared } from './declared-loads.ts';
import type { Expert } from './expert.ts';
import { History } from './history.ts';
import type { Job } from './jobs.ts';
import { levelCount, median } from './levels.ts';
import { lastOf, meanOf, type Target } from './origin.ts';
import type { Brought, Effect } from './prior.ts';
import { ProphetCurve } from './prophet-curve.ts';
import { type Rebase, TargetForecaster } from './target-forecaster.ts';

export interface SeriesOptions {
  readonly startSec: number;
  readonly stepSec: number;
  /** Bins ahead, each forecast as the mean of all of them and as the last one. */
  readonly horizons: readonly number[];
  /** Only the last ones: the means cost as much again. */
  readonly lastOnly?: boolean;
  /** Trees cost most: only the hottest series have them. */
  readonly withTrees: boolean;
  readonly jobs: readonly Job[];
  /** Further experts for a target. */
  readonly added?: (target: Target, history: History) => readonly Expert[];
  /** All that is declared of it, in place of `jobs` alone. */
  readonly declared?: SeriesDeclared | undefined;
}

export interface TargetForecast {
  readonly target: Target;
  /** A quantile per level (levels.ts); valid until the next bin. */
  readonly row: Float64Array;
  /** The same without anything declared. */
  readonly plain: Float64Array;
  /** By expert: how much of the forecast is whose. */
  readonly weights: Readonly<Record<string, number>>;
  /** Which declared things are in it, and how much of it is whose; valid until the next bin. */
  readonly effects: readonly Effect[];
}

const linearEverySec = 3600;
/** One of the two sets of trees in turn, so that one of them is always fresh: each every two hours. */
const treesEverySec = 3600;

export class SeriesForecaster {
  /** The series as it would be without anything declared. */
  readonly history: History;
  readonly #declared: DeclaredLoads;
  readonly #curve: ProphetCurve;
  readonly #targets: readonly TargetForecaster[];
  readonly #linearEvery: number;
  readonly #treesEvery: number;
  readonly #answer: readonly (TargetForecast & { readonly effects: Effect[] })[];

  constructor({ startSec, stepSec, horizons, lastOnly = false, withTrees, jobs, declared, added }: SeriesOptions) {
    this.history = new History(startSec, stepSec);
    this.#declared = new DeclaredLoads(declared ?? { ...nothingDeclared, jobs });
    this.#linearEvery = Math.max(1, Math.round(linearEverySec / stepSec));
    this.#treesEvery = Math.max(1, Math.round(treesEverySec / stepSec));
    this.#curve = new ProphetCurve(this.history, this.#linearEvery + Math.max(...horizons) + 2);
    this.#targets = horizons
      // One bin ahead the mean is the last.
      .flatMap((horizon) => (horizon === 1 ? [meanOf(1)] : [...(lastOnly ? [] : [meanOf(horizon)]), lastOf(horizon)]))
      .map(
        (target) => new TargetForecaster(target, this.history, this.#curve, withTrees, added?.(target, this.history)),
      );
    this.#answer = this.#targets.map((each) => ({
      target: each.target,
      row: new Float64Array(levelCount),
      plain: new Float64Array(levelCount),
      effects: [],
      get weights() {
        return each.weights();
      },
    }));
  }

  /** What is declared from the next bin on; what was learned of what stays is kept. */
  declare(declared: SeriesDeclared | undefined): void {
    this.#declared.declare(declared ?? nothingDeclared);
  }

  get hasDeclared(): boolean {
    return !this.#declared.isEmpty;
  }

  /** What is declared of the bins `from` … `to` ahead of the newest one; `level`: their median without it. Undefined: nothing. */
  bring({ from, to }: Pick<Target, 'from' | 'to'>, level: number, effects: Effect[] = []): Brought | undefined {
    if (this.#declared.isEmpty) return undefined;
    const { history } = this;
    const last = history.length - 1;
    const ahead = { history, fromSec: history.timeSec(last + from), toSec: history.timeSec(last + to) };
    return this.#declared.bring({ ...ahead, stepSec: history.stepSec }, level, effects);
  }

  /**
   * Takes the next bin (NaN: nothing measured) and forecasts each target from it. Refits when it is time, unless `mayRefit` says that
   * somebody else decides when (`refit`).
   */
  push(value: number, mayRefit = true): readonly TargetForecast[] {
    const { history } = this;
    history.push(this.#declared.without(value, history, this.#curve));
    this.#curve.observe();
    this.#targets.forEach((each, at) => {
      const { row, plain, target, effects } = this.#answer[at]!;
      plain.set(each.step(this.#actual(target)));
      row.set(plain);
      effects.length = 0;
      const brought = this.bring(target, plain[median]!, effects);
      if (brought !== undefined) addBrought(row, brought);
    });
    const due = this.history.length % this.#linearEvery === 0;
    const turn = this.history.length / this.#treesEvery;
    if (due && mayRefit) this.#refit(Number.isInteger(turn) ? turn : 'none');
    return this.#answer;
  }

  get targets(): readonly Target[] {
    return this.#targets.map(({ target }) => target);
  }

  /** Is more than simple experts at work? */
  get isFitted(): boolean {
    return this.#targets.some((each) => each.isFitted);
  }

  /** A bin that is only remembered: nothing is said of what follows it. */
  remember(value: number): void {
    this.history.push(this.#declared.without(value, this.history, this.#curve));
  }

  /** Fits everything anew to what is past. A number: of the trees only the set whose turn it is. */
  refit(trees: boolean | number): void {
    this.#refit(trees === true ? 'all' : trees === false ? 'none' : trees);
  }

  /** Only Prophet: cheap. */
  refitCurve(): void {
    this.#curve.refit();
  }

  /**
   * Another past for the same bins, of the same kind: `values` end with the newest bin. What was learnt in local scales stays; `onBin` is told
   * of each bin as it is rewritten, then `rebase` says how what was said, and has not come true yet, moves.
   */
  rewrite(
    values: Float64Array,
    onBin: (index: number) => void,
    rebase: (index: number, target: Target) => Rebase,
  ): void {
    this.history.rewrite(values, onBin);
    for (const each of this.#targets) each.rebase(rebase);
  }

  #refit(trees: 'all' | 'none' | number): void {
    this.#curve.refit();
    for (const each of this.#targets) each.refit(trees);
  }

  /** What came true of the forecast that ends with the newest bin; NaN where most of it is missing. */
  #actual({ from, to }: Target): number {
    return windowActual(this.history, this.history.length - 1 - (to - from), this.history.length - 1);
  }
}

/** Mean of the measured bins `from` … `to`; NaN when less than half of them were measured. */
export function windowActual(history: History, from: number, to: number): number {
  if (from < history.first) return Number.NaN;
  let sum = 0;
  let count = 0;
  for (let index = from; index <= to; index++) {
    if (history.isMissing(index)) continue;
    sum += history.at(index);
    count++;
  }
  return count * 2 >= to - from + 1 && count > 0 ? sum / count : Number.NaN;
}
