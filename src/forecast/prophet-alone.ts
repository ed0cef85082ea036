// Prophet as most people would run it: its defaults, refitted hourly on four weeks, its own quantiles (noise and future changes of slope).
// What is missing from it is what the mix is for.
import type { History } from './history.ts';
import { levelCount, normalAt } from './levels.ts';
import type { Target } from './origin.ts';
import type { FitProphet, ProphetFit } from './prophet.ts';

const windowSec = 28 * 86_400;
const changepoints = 25;
const everySec = 3600;

export class ProphetAlone {
  readonly #history: History;
  readonly #every: number;
  readonly #model: FitProphet;
  #fit: ProphetFit | undefined;
  #fittedAt = -1;

  constructor(history: History, model: FitProphet) {
    this.#history = history;
    this.#model = model;
    this.#every = Math.max(1, Math.round(everySec / history.stepSec));
  }

  /** Quantiles of the target after the newest bin; the last value where Prophet cannot be fitted. Fits once an hour, and only when asked. */
  write(target: Target, row: Float64Array): void {
    const index = this.#history.length - 1;
    const due = index - (index % this.#every);
    if (due !== this.#fittedAt) this.#refit(due);
    if (this.#fit === undefined) {
      row.fill(this.#history.at(index));
      return;
    }
    let point = 0;
    let spread = 0;
    for (let ahead = target.from; ahead <= target.to; ahead++) {
      const timeSec = this.#history.timeSec(index + ahead);
      const aheadSec = timeSec - this.#history.timeSec(this.#fittedAt);
      const { sigma, slopeChange, changesPerSec } = this.#fit;
      // Slopes change by Laplace steps at Poisson times: the variance of where that leads.
      const drift = (changesPerSec * 2 * slopeChange * slopeChange * aheadSec ** 3) / 3;
      point += this.#fit.at(timeSec);
      spread += Math.sqrt(sigma * sigma + drift);
    }
    const count = target.to - target.from + 1;
    for (let at = 0; at < levelCount; at++) row[at] = point / count + (normalAt[at]! * spread) / count;
  }

  #refit(upTo: number): void {
    const { first, stepSec } = this.#history;
    const from = Math.max(first, upTo + 1 - Math.round(windowSec / stepSec));
    const times: number[] = [];
    const values: number[] = [];
    for (let at = from; at <= upTo; at++) {
      if (this.#history.isMissing(at)) continue;
      times.push(this.#history.timeSec(at));
      values.push(this.#history.at(at));
    }
    this.#fit = this.#model(Float64Array.from(times), Float64Array.from(values), { growth: 'linear', changepoints });
    this.#fittedAt = upTo;
  }
}
