// The simple methods that a forecast has to beat, fixed once: last value, EWMA .3, mean of 12, the same time a day and a week ago; each
// with the empirical quantiles of its own last 500 errors. A method that lacks history stands in with the last value.
import { type History, plainSmoothing } from './history.ts';
import { levelCount, levels } from './levels.ts';
import type { Target } from './origin.ts';
import { SortedWindow } from './sorted-window.ts';

export const baselineNames = ['last', 'ewma', 'mean12', 'seasonalDay', 'seasonalWeek'] as const;
export type BaselineName = (typeof baselineNames)[number];

const errorsKept = 500;

export class Baselines {
  readonly #target: Target;
  readonly #history: History;
  readonly #errors = baselineNames.map(() => new SortedWindow(errorsKept));
  /** Points said at the last `to` + 1 origins. */
  readonly #points: Float64Array[];
  /** A row of quantiles per baseline, for the newest origin. */
  readonly rows = baselineNames.map(() => new Float64Array(levelCount));

  constructor(target: Target, history: History) {
    this.#target = target;
    this.#history = history;
    this.#points = Array.from({ length: target.to + 1 }, () => new Float64Array(baselineNames.length).fill(Number.NaN));
  }

  /** The newest bin has come, and with it `actual` of the forecast that ends there (NaN: not measured). */
  step(actual: number): void {
    const index = this.#history.length - 1;
    const turns = this.#points.length;
    const due = this.#points[(index + 1) % turns]!;
    const points = this.#points[index % turns]!;
    if (Number.isFinite(actual)) {
      for (let each = 0; each < baselineNames.length; each++) {
        if (Number.isFinite(due[each]!)) this.#errors[each]!.add(actual - due[each]!);
      }
    }
    this.#say(index, points);
    for (let each = 0; each < baselineNames.length; each++) {
      const errors = this.#errors[each]!;
      const row = this.rows[each]!;
      for (let at = 0; at < levelCount; at++) {
        row[at] = Math.max(0, points[each]! + (errors.count === 0 ? 0 : errors.quantile(levels[at]!)));
      }
    }
  }

  #say(index: number, points: Float64Array): void {
    const history = this.#history;
    points[0] = history.at(index);
    points[1] = history.smooth[plainSmoothing]!;
    points[2] = history.mean(Math.max(history.first, index - 11), index);
    points[3] = this.#seasonal(index, history.binsPerDay);
    points[4] = this.#seasonal(index, history.binsPerWeek);
  }

  #seasonal(index: number, period: number): number {
    const { from, to } = this.#target;
    const then = index - period;
    return then + from >= this.#history.first && to <= period
      ? this.#history.mean(then + from, then + to)
      : this.#history.at(index);
  }
}
