// Quantiles around a point forecast, from how it erred before: for methods that know no distribution of their own.
import { levelCount, levels, normalAt } from './levels.ts';
import { SortedWindow } from './sorted-window.ts';

const enough = 30;
/** Errors beyond are kept as this many scales. */
const farErrors = 100;

export class EmpiricalErrors {
  readonly #errors: SortedWindow;

  constructor(capacity = 600) {
    this.#errors = new SortedWindow(capacity);
  }

  /** `error` in units of the local scale of its origin. */
  add(error: number): void {
    if (Number.isFinite(error)) this.#errors.add(Math.max(-farErrors, Math.min(farErrors, error)));
  }

  /** Before there are enough errors, a normal spread of so many scales stands in. */
  write(row: Float64Array, point: number, scale: number, otherwise: number): void {
    const { count } = this.#errors;
    const trust = Math.min(1, count / enough);
    for (let at = 0; at < levelCount; at++) {
      const guess = normalAt[at]! * otherwise;
      const seen = count === 0 ? 0 : this.#errors.quantile(levels[at]!);
      row[at] = point + scale * (trust * seen + (1 - trust) * guess);
    }
  }
}
