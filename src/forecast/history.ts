// What a series did in the last five weeks, with the running means that experts and features read. One value is pushed per bin.
import { LocalScale } from './local-scale.ts';

const keptSec = 35 * 86_400;
/** Rates of the exponential means; the EWMA expert chooses among them by what they would have been worth. */
export const smoothings = [0.05, 0.15, 0.3, 0.6, 1] as const;
/** What the baseline and the features call "the EWMA". */
export const plainSmoothing = smoothings.indexOf(0.3);

export class History {
  readonly startSec: number;
  readonly stepSec: number;
  readonly binsPerDay: number;
  readonly binsPerWeek: number;
  #scale: LocalScale;
  readonly smooth = new Float64Array(smoothings.length);
  #length = 0;
  #base = 0;
  readonly #kept: number;
  readonly #values: Float64Array;
  readonly #sums: Float64Array;
  readonly #missing: Uint8Array;

  constructor(startSec: number, stepSec: number) {
    this.startSec = startSec;
    this.stepSec = stepSec;
    this.binsPerDay = Math.max(1, Math.round(86_400 / stepSec));
    this.binsPerWeek = 7 * this.binsPerDay;
    this.#scale = new LocalScale(this.binsPerWeek);
    this.#kept = Math.max(64, Math.round(keptSec / stepSec));
    const room = this.#kept + Math.max(64, this.binsPerDay * 7);
    this.#values = new Float64Array(room);
    this.#sums = new Float64Array(room + 1);
    this.#missing = new Uint8Array(room);
  }

  get scale(): LocalScale {
    return this.#scale;
  }

  /** Bins since the start; the newest has index `length - 1`. */
  get length(): number {
    return this.#length;
  }

  /** The oldest index that is still there. */
  get first(): number {
    return this.#base;
  }

  timeSec(index: number): number {
    return this.startSec + index * this.stepSec;
  }

  /** NaN says that nothing was measured: the last value is carried on, and no mean learns from it. */
  push(value: number): void {
    if (this.#length - this.#base === this.#values.length) this.#forget();
    const at = this.#length - this.#base;
    const before = at > 0 ? this.#values[at - 1]! : Number.NaN;
    const missing = !Number.isFinite(value);
    const filled = missing ? (Number.isFinite(before) ? before : 0) : value;
    this.#values[at] = filled;
    this.#missing[at] = missing ? 1 : 0;
    this.#sums[at + 1] = this.#sums[at]! + filled;
    this.#length++;
    if (missing) return;
    const isFirst = !Number.isFinite(before) || (at === 1 && this.#missing[0] === 1);
    if (!isFirst) this.#scale.add(filled - before, filled);
    for (let each = 0; each < smoothings.length; each++) {
      this.smooth[each] = isFirst ? filled : this.smooth[each]! + smoothings[each]! * (filled - this.smooth[each]!);
    }
  }

  /**
   * Another past for the same bins: `values` (NaN: not measured) end with the newest one. `onBin` is told each bin's index once all is as it
   * was then.
   */
  rewrite(values: Float64Array, onBin: (index: number) => void): void {
    const dropped = Math.max(0, values.length - this.#values.length);
    const from = this.#length - values.length + dropped;
    this.#base = from;
    this.#length = from;
    this.#scale = new LocalScale(this.binsPerWeek);
    this.smooth.fill(0);
    for (let at = dropped; at < values.length; at++) {
      this.push(values[at]!);
      onBin(this.#length - 1);
    }
  }

  /** The value of a bin; what was missing reads as the value before it. */
  at(index: number): number {
    return this.#values[index - this.#base]!;
  }

  isMissing(index: number): boolean {
    return this.#missing[index - this.#base] === 1;
  }

  /** Mean over the bins `from` … `to`, both included and both kept. */
  mean(from: number, to: number): number {
    return (this.#sums[to + 1 - this.#base]! - this.#sums[from - this.#base]!) / (to - from + 1);
  }

  #forget(): void {
    const drop = this.#values.length - this.#kept;
    this.#values.copyWithin(0, drop);
    this.#missing.copyWithin(0, drop);
    this.#base += drop;
    // Sums begin anew, so that they lose no digits over the months.
    for (let at = 0; at < this.#kept; at++) this.#sums[at + 1] = this.#sums[at]! + this.#values[at]!;
  }
}
