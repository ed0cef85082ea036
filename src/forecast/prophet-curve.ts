// Prophet as the experts use it: flat, on the last four weeks without their extremes, refitted hourly, its curve computed ahead once per refit.
import type { History } from './history.ts';
import { fitProphet, type ProphetFit } from './prophet.ts';

const windowSec = 28 * 86_400;
/** Values beyond these quantiles are taken as these quantiles. */
const low = 0.005;
const high = 0.99;
const errorRate = 0.1;

export class ProphetCurve {
  readonly #history: History;
  #fit: ProphetFit | undefined;
  /** Curve at bins from `#from` on. */
  readonly #curve: Float64Array;
  #from = 0;
  readonly #ahead: number;
  /** Exponential mean of its errors at the bins as they came. */
  error = 0;

  /** `ahead`: how many bins beyond the last one are asked for between two refits. */
  constructor(history: History, ahead: number) {
    this.#history = history;
    this.#ahead = ahead;
    this.#curve = new Float64Array(ahead);
  }

  get isFitted(): boolean {
    return this.#fit !== undefined;
  }

  refit(): void {
    const { length, stepSec, first } = this.#history;
    const from = Math.max(first, length - Math.round(windowSec / stepSec));
    const times = new Float64Array(length - from);
    const values = new Float64Array(length - from);
    let count = 0;
    for (let at = from; at < length; at++) {
      if (this.#history.isMissing(at)) continue;
      times[count] = this.#history.timeSec(at);
      values[count++] = this.#history.at(at);
    }
    this.#fit = fitProphet(times.subarray(0, count), winsorised(values.subarray(0, count)), {
      growth: 'flat',
      changepoints: 0,
    });
    if (this.#fit !== undefined) this.#draw(this.#fit);
  }

  /** Computes the curve from the newest bin on: at a refit, and where a refit is late. */
  #draw(fit: ProphetFit): void {
    this.#from = this.#history.length - 1;
    for (let at = 0; at < this.#ahead; at++) this.#curve[at] = fit.at(this.#history.timeSec(this.#from + at));
  }

  /** The newest bin has come: how far off was the curve? */
  observe(): void {
    const index = this.#history.length - 1;
    if (this.#fit === undefined || this.#history.isMissing(index)) return;
    this.error += errorRate * (this.#history.at(index) - this.mean(index, index) - this.error);
  }

  /** Mean of the curve over the bins `from` … `to`; NaN without a fit. */
  mean(from: number, to: number): number {
    if (this.#fit === undefined) return Number.NaN;
    if (to - this.#from >= this.#ahead) this.#draw(this.#fit);
    let sum = 0;
    for (let index = from; index <= to; index++) {
      const at = index - this.#from;
      sum += at >= 0 && at < this.#ahead ? this.#curve[at]! : this.#fit.at(this.#history.timeSec(index));
    }
    return Math.max(0, sum / (to - from + 1));
  }
}

/** Extremes pulled in: one spike would bend the whole curve. */
function winsorised(values: Float64Array): Float64Array {
  if (values.length === 0) return values;
  const sorted = values.slice().sort();
  const [least, most] = [
    sorted[Math.floor(low * (sorted.length - 1))]!,
    sorted[Math.ceil(high * (sorted.length - 1))]!,
  ];
  return values.map((value) => Math.max(least, Math.min(most, value)));
}
