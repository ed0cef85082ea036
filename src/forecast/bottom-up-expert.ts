// What a partition's areas say of it: the sum of their medians, with the errors that this sum had in the last days, moment by moment, as if
// the areas had lain where they lie now. Areas err together or apart; errors of the same moment know which, without a model of it.
import type { Expert } from './expert.ts';
import { levelCount, levels, normalAt } from './levels.ts';
import type { Origin } from './origin.ts';
import { sortedQuantile } from './sorted-window.ts';

const enough = 30;
const guessedSpread = 1.5;
/** One error counts at most so many scales: in the first bins nothing is known of the scale, and an error over it was millions. */
const scaledMax = 20;

/** A target of a re-aggregated partition, by the index of its history. */
export interface Summed {
  /** Sum of the areas' medians said at an index; NaN where nothing was said. */
  point(index: number): number;
  /** What came true of it; NaN where it was not measured, or is still to come. */
  actual(index: number): number;
  /** Local scale at an index. */
  scale(index: number): number;
}

export class BottomUpExpert implements Expert {
  readonly name: 'areas' | 'areas-scaled';
  readonly #summed: Summed;
  /** By index, in the unit of the series or in local scales; NaN: none. */
  readonly #errors: Float64Array;
  readonly #sorted: Float64Array;

  /** `bins`: so many errors are kept. */
  constructor(name: 'areas' | 'areas-scaled', summed: Summed, bins: number) {
    this.name = name;
    this.#summed = summed;
    this.#errors = new Float64Array(bins).fill(Number.NaN);
    this.#sorted = new Float64Array(bins);
  }

  forecast(origin: Origin, row: Float64Array): boolean {
    const point = this.#summed.point(origin.index);
    if (!Number.isFinite(point)) return false;
    // The slot of the oldest error is this origin's now; if it never comes true it stays empty.
    this.#errors[origin.index % this.#errors.length] = Number.NaN;
    let count = 0;
    for (const error of this.#errors) if (!Number.isNaN(error)) this.#sorted[count++] = error;
    this.#sorted.subarray(0, count).sort();
    const unit = this.name === 'areas' ? 1 : origin.scale;
    const trust = Math.min(1, count / enough);
    for (let at = 0; at < levelCount; at++) {
      const seen = count === 0 ? 0 : unit * sortedQuantile(this.#sorted, count, levels[at]!);
      row[at] = point + trust * seen + (1 - trust) * normalAt[at]! * guessedSpread * origin.scale;
    }
    return true;
  }

  learn(origin: Origin): void {
    this.#take(origin.index);
  }

  /** Areas lie elsewhere now: all errors up to the index `last` as they would have been. */
  rewrite(first: number, last: number): void {
    this.#errors.fill(Number.NaN);
    for (let index = Math.max(first, last - this.#errors.length + 1); index <= last; index++) this.#take(index);
  }

  #take(index: number): void {
    const error = this.#summed.actual(index) - this.#summed.point(index);
    const scaled = this.name === 'areas' ? error : withinScales(error / this.#summed.scale(index));
    this.#errors[index % this.#errors.length] = Number.isFinite(scaled) ? scaled : Number.NaN;
  }
}

const withinScales = (scaled: number): number => Math.max(-scaledMax, Math.min(scaledMax, scaled));
