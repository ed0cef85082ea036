// The two experts that cannot fail: where load is level they are simply right, and the mix falls back to them.
import { EmpiricalErrors } from './empirical-errors.ts';
import type { Expert } from './expert.ts';
import { smoothings } from './history.ts';
import type { Origin } from './origin.ts';

const forgetting = 0.5 ** (1 / 288);
const guessedSpread = 1.5;

/** Exponential mean, with the rate that would have been best of late. */
export class EwmaExpert implements Expert {
  readonly name = 'ewma';
  readonly #losses = new Float64Array(smoothings.length);
  /** Of what it said, whichever rate it used. */
  readonly #errors = new EmpiricalErrors();
  #best = smoothings.indexOf(0.3);

  forecast(origin: Origin, row: Float64Array): boolean {
    this.#errors.write(row, origin.smooth[this.#best]!, origin.scale, guessedSpread);
    return true;
  }

  learn(origin: Origin, actual: number): void {
    this.#errors.add((actual - origin.smooth[this.#best]!) / origin.scale);
    for (let each = 0; each < smoothings.length; each++) {
      const error = Math.abs(actual - origin.smooth[each]!) / origin.scale;
      this.#losses[each] = forgetting * this.#losses[each]! + (error < 25 ? error : 25);
    }
    for (let each = 0; each < smoothings.length; each++) {
      if (this.#losses[each]! < this.#losses[this.#best]! * 0.999) this.#best = each;
    }
  }
}

/** Mean of the last 12 bins. */
export class WindowMeanExpert implements Expert {
  readonly name = 'window-mean';
  readonly #errors = new EmpiricalErrors();

  forecast(origin: Origin, row: Float64Array): boolean {
    this.#errors.write(row, origin.windowMean, origin.scale, guessedSpread);
    return true;
  }

  learn(origin: Origin, actual: number): void {
    this.#errors.add((actual - origin.windowMean) / origin.scale);
  }
}
