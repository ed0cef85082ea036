// Keeps what a level promises: per level a factor on the distance from the median, moved a little each time a forecast comes true
// (an online form of conformal prediction; Gibbs and Candès 2021). Steps shrink with the horizon, whose errors overlap.
import { levelCount, levels, median, normalAt } from './levels.ts';

const stepAtOne = 0.05;
const narrowest = -1.5;
const widest = 2.5;
/** A width of nothing could never grow: so many local scales per normal deviation are the least. */
const leastScales = 0.01;

export class WidthControl {
  readonly #logs = new Float64Array(levelCount);
  readonly #factors = new Float64Array(levelCount).fill(1);
  readonly #steps: Float64Array;

  constructor(horizon: number) {
    // The outermost levels are missed so rarely that damped steps would take months to find their width.
    this.#steps = Float64Array.from(levels, (level) =>
      level < 0.05 || level > 0.95 ? stepAtOne : stepAtOne / Math.sqrt(horizon),
    );
  }

  /** Factor on the distance from the median, per level. */
  get factors(): Float64Array {
    return this.#factors;
  }

  widen(row: Float64Array, scale: number): void {
    const centre = row[median]!;
    for (let at = 0; at < levelCount; at++) {
      if (at === median) continue;
      const least = leastScales * scale * normalAt[at]!;
      const distance = row[at]! - centre;
      row[at] = centre + this.#factors[at]! * (at < median ? Math.min(distance, least) : Math.max(distance, least));
    }
  }

  /** `row`: the published quantiles; `actual`: what came true. */
  learn(row: Float64Array, actual: number): void {
    for (let at = 0; at < levelCount; at++) {
      if (at === median) continue;
      const level = levels[at]!;
      const push = at > median ? (actual > row[at]! ? level : level - 1) : actual < row[at]! ? 1 - level : -level;
      const moved = Math.max(narrowest, Math.min(widest, this.#logs[at]! + this.#steps[at]! * push));
      this.#logs[at] = moved;
      this.#factors[at] = Math.exp(moved);
    }
  }
}
