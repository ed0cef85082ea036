// How much a series moves from bin to bin just now: the unit in which all experts think. Without its floors an idle series that
// turns busy made forecasts of 1e9 (research: "Learnt the hard way").

const recentBins = 24;
const levelShare = 0.005;
const weekShare = 0.3;
/** One change counts at most so many scales, so that a single spike does not blind the scale for hours. */
const changeMax = 20;
const smallest = 1e-9;

export class LocalScale {
  readonly #weekRate: number;
  #recent = 0;
  #week = 0;
  #level = 0;
  #seen = 0;

  constructor(binsPerWeek: number) {
    this.#weekRate = 2 / (binsPerWeek + 1);
  }

  /** Takes a change from one bin to the next and the new value in. */
  add(change: number, value: number): void {
    this.#seen++;
    const now = this.now;
    const bounded = Math.min(Math.abs(change), this.#seen < 4 || now <= smallest ? Math.abs(change) : changeMax * now);
    this.#recent += Math.max(2 / (recentBins + 1), 1 / this.#seen) * (bounded - this.#recent);
    const slow = Math.max(this.#weekRate, 1 / this.#seen);
    this.#week += slow * (bounded - this.#week);
    this.#level += slow * (Math.min(Math.abs(value), Math.abs(this.#level) + 50 * bounded + smallest) - this.#level);
  }

  /** The scale, in units of the series per bin; always above 0. */
  get now(): number {
    return Math.max(this.#recent, weekShare * this.#week, levelShare * this.#level, smallest);
  }

  /** Mean change over about a week. */
  get week(): number {
    return Math.max(this.#week, smallest);
  }

  /** Mean level over about a week. */
  get level(): number {
    return this.#level;
  }
}
