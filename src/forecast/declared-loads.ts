// All that is declared of one series: takes it out of what is measured, adds it to what the experts say, and tells which did what.
import { type DeclaredFactor, FactorLoad } from './factor-load.ts';
import type { History } from './history.ts';
import { type Job, JobLoad } from './jobs.ts';
import { LikeDayLoad, type LikeDays } from './like-days.ts';
import type { Ahead, Brought, Effect, Moment, Prior } from './prior.ts';
import type { ProphetCurve } from './prophet-curve.ts';

/** In the unit of the series; names are unique within their kind. */
export interface SeriesDeclared {
  readonly jobs: readonly Job[];
  readonly factors: readonly DeclaredFactor[];
  readonly likeDays: readonly LikeDays[];
}

export const nothingDeclared: SeriesDeclared = { jobs: [], factors: [], likeDays: [] };

export class DeclaredLoads {
  /** What others stand on first: days, then what multiplies them, then what comes on top. */
  #priors: readonly Prior[] = [];
  #declared = nothingDeclared;
  readonly #brought: Brought = { load: 0, variance: 0, stretch: 1 };

  constructor(declared: SeriesDeclared) {
    this.declare(declared);
  }

  get isEmpty(): boolean {
    return this.#priors.length === 0;
  }

  /** What is declared from now on. What runs showed is kept by name, unless the size is another. */
  declare(declared: SeriesDeclared): void {
    if (declared === this.#declared) return;
    this.#declared = declared;
    const before = this.#priors;
    const kept = <P extends Prior>(type: new (...of: never[]) => P, name: string, adopts: (prior: P) => boolean) =>
      before.find((prior): prior is P => prior instanceof type && prior.name === name && adopts(prior));
    this.#priors = [
      ...declared.likeDays.map(
        (one) => kept(LikeDayLoad, one.name, (prior) => prior.adopt(one)) ?? new LikeDayLoad(one),
      ),
      ...declared.factors.map(
        (one) =>
          kept(FactorLoad, one.name, (prior) => prior.kind === one.kind && prior.adopt(one)) ?? new FactorLoad(one),
      ),
      ...declared.jobs.map((one) => kept(JobLoad, one.name, (prior) => prior.adopt(one)) ?? new JobLoad(one)),
    ];
  }

  /** A measured bin without what was declared of it; each is held against what the others leave. NaN stays NaN. */
  without(value: number, history: History, curve: ProphetCurve): number {
    if (this.#priors.length === 0) return value;
    const index = history.length;
    const moment: Moment = {
      history,
      timeSec: history.timeSec(index),
      stepSec: history.stepSec,
      base: index > history.first ? history.smooth[2]! : 0,
      curve: curve.mean(index, index),
      scale: history.scale.now,
    };
    // From the last added to the first: what multiplies is judged without what comes on top.
    const parts = new Float64Array(this.#priors.length);
    let left = value;
    for (let at = parts.length - 1; at >= 0; at--) left -= parts[at] = this.#priors[at]!.guess(moment, left);
    for (let at = parts.length - 1; at >= 0; at--) {
      const own = left + parts[at]!;
      left = own - this.#priors[at]!.observe(moment, own);
    }
    return Number.isFinite(value) ? Math.max(0, left) : Number.NaN;
  }

  /** What is declared of bins ahead, all together, and to `effects` who does it; `level`: the median without it. Undefined: nothing. */
  bring(ahead: Ahead, level: number, effects: Effect[]): Brought | undefined {
    const one = this.#brought;
    const sum: Brought = { load: 0, variance: 0, stretch: 1 };
    let isAny = false;
    for (const prior of this.#priors) {
      if (!prior.bring(ahead, Math.max(0, level + sum.load), one)) continue;
      const { kind, name, factor, runs, note } = prior;
      effects.push({ kind, name, load: one.load, factor, runs, ...(note === undefined ? {} : { note }) });
      sum.load += one.load;
      sum.variance = sum.variance * one.stretch * one.stretch + one.variance;
      sum.stretch *= one.stretch;
      isAny ||= one.load !== 0 || one.variance > 0;
    }
    return isAny ? sum : undefined;
  }
}
