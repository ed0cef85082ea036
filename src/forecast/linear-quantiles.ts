// Linear quantile regression by iteratively reweighted least squares (Schlossmacher 1973, with the pinball's two slopes). It starts where
// the last fit ended, so one pass per refit is enough once it has run for a while.
import { farScales, featureCount } from './features.ts';
import { fillBetween, fitted } from './fitted-levels.ts';
import { levelCount, levels, median } from './levels.ts';
import { normalEquations } from './normal-equations.ts';
import { solve } from './solve.ts';
import { sortedQuantile } from './sorted-window.ts';

const size = featureCount + 1;
/** Features count at most so many standard deviations: a linear model must not run away with one of them. */
const deviationsMax = 4;
/** Residuals below are as good as none, in local scales. */
const closeScales = 0.05;
const ridge = 2;
const coldPasses = 12;
const warmPasses = 1;
/** How far the outer levels lie, as multiples of the .05 and .95 distances from the median, at most. */
const tailMax = 6;

export class LinearQuantiles {
  readonly #mean = new Float64Array(featureCount);
  readonly #inverse = new Float64Array(featureCount);
  readonly #weights = new Float64Array(fitted.length * size);
  readonly #standard = new Float64Array(size);
  readonly #values = new Float64Array(fitted.length);
  readonly #tails = new Float64Array(levelCount);
  #isFitted = false;

  get isFitted(): boolean {
    return this.#isFitted;
  }

  /** Rows of `features` at `slots`, row-major; `target` by slot, in local scales. Cost: passes × levels × rows × features². */
  fit(features: Float32Array, target: Float64Array, slots: Int32Array): void {
    const count = slots.length;
    this.#standardise(features, slots);
    const rows = new Float64Array(count * size);
    const wanted = new Float64Array(count);
    for (let row = 0; row < count; row++) {
      const slot = slots[row]!;
      this.#standardRow(features, slot * featureCount, rows, row * size);
      wanted[row] = Math.max(-farScales, Math.min(farScales, target[slot]!));
    }
    const matrix = new Float64Array(size * size);
    const right = new Float64Array(size);
    const passes = this.#isFitted ? warmPasses : coldPasses;
    for (let each = 0; each < fitted.length; each++) {
      const weights = this.#weights.subarray(each * size, (each + 1) * size);
      if (!this.#isFitted && each > 0) weights.set(this.#weights.subarray((each - 1) * size, each * size));
      for (let pass = 0; pass < passes; pass++) {
        reweigh(rows, wanted, weights, levels[fitted[each]!]!, matrix, right);
        if (!solve(matrix, right, size)) break;
        weights.set(right);
      }
    }
    this.#isFitted = true;
    this.#measureTails(rows, wanted);
  }

  /** Quantiles in local scales, relative to what the target was relative to. */
  predict(features: Float32Array, row: Float64Array): void {
    this.#standardRow(features, 0, this.#standard, 0);
    this.#rowOf(this.#standard, 0, row);
    const centre = row[median]!;
    const below = centre - row[1]!;
    const above = row[levelCount - 3]! - centre;
    row[0] = centre - below * this.#tails[0]!;
    row[levelCount - 2] = centre + above * this.#tails[levelCount - 2]!;
    row[levelCount - 1] = centre + above * this.#tails[levelCount - 1]!;
  }

  /** The inner levels, ascending. */
  #rowOf(standard: Float64Array, offset: number, row: Float64Array): void {
    for (let each = 0; each < fitted.length; each++) {
      let sum = 0;
      const from = each * size;
      for (let at = 0; at < size; at++) sum += this.#weights[from + at]! * standard[offset + at]!;
      this.#values[each] = sum;
    }
    fillBetween(this.#values, row);
  }

  #standardise(features: Float32Array, slots: Int32Array): void {
    for (let feature = 0; feature < featureCount; feature++) {
      let sum = 0;
      let squares = 0;
      for (const slot of slots) {
        const value = features[slot * featureCount + feature]!;
        sum += value;
        squares += value * value;
      }
      const mean = sum / slots.length;
      const deviation = Math.sqrt(Math.max(0, squares / slots.length - mean * mean));
      const inverse = deviation > 1e-6 ? 1 / deviation : 0;
      // The last fit's weights say the same in the new units.
      for (let each = 0; each < fitted.length; each++) {
        const constant = each * size;
        const slope = this.#weights[constant + 1 + feature]! * this.#inverse[feature]!;
        this.#weights[constant] = this.#weights[constant]! + slope * (mean - this.#mean[feature]!);
        this.#weights[constant + 1 + feature] = inverse === 0 ? 0 : slope / inverse;
      }
      this.#mean[feature] = mean;
      this.#inverse[feature] = inverse;
    }
  }

  #standardRow(features: Float32Array, from: number, into: Float64Array, to: number): void {
    into[to] = 1;
    for (let at = 0; at < featureCount; at++) {
      const value = (features[from + at]! - this.#mean[at]!) * this.#inverse[at]!;
      into[to + 1 + at] = value > deviationsMax ? deviationsMax : value < -deviationsMax ? -deviationsMax : value;
    }
  }

  #measureTails(rows: Float64Array, wanted: Float64Array): void {
    const low = new Float64Array(wanted.length);
    const high = new Float64Array(wanted.length);
    const row = new Float64Array(levelCount);
    for (let at = 0; at < wanted.length; at++) {
      this.#rowOf(rows, at * size, row);
      const error = wanted[at]! - row[median]!;
      low[at] = -error / Math.max(closeScales, row[median]! - row[1]!);
      high[at] = error / Math.max(closeScales, row[levelCount - 3]! - row[median]!);
    }
    low.sort();
    high.sort();
    const bounded = (value: number, least: number): number => Math.max(least, Math.min(tailMax, value));
    this.#tails[0] = bounded(sortedQuantile(low, low.length, 0.995), 1.3);
    this.#tails[levelCount - 2] = bounded(sortedQuantile(high, high.length, 0.99), 1.2);
    this.#tails[levelCount - 1] = bounded(sortedQuantile(high, high.length, 0.995), 1.3);
  }
}

/** One pass: the normal equations of the problem weighted by the errors of the present coefficients. */
function reweigh(
  rows: Float64Array,
  wanted: Float64Array,
  coefficients: Float64Array,
  level: number,
  matrix: Float64Array,
  right: Float64Array,
): void {
  const rowWeights = new Float64Array(wanted.length);
  for (let row = 0; row < wanted.length; row++) {
    const from = row * size;
    let error = wanted[row]!;
    for (let at = 0; at < size; at++) error -= coefficients[at]! * rows[from + at]!;
    rowWeights[row] = error > 0 ? level / Math.max(error, closeScales) : (1 - level) / Math.max(-error, closeScales);
  }
  normalEquations(rows, rowWeights, wanted, size, matrix, right);
  for (let at = 0; at < size; at++) matrix[at * size + at] = matrix[at * size + at]! + (at === 0 ? 1e-9 : ridge);
}
