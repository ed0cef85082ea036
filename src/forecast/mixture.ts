// Experts weighted by how they have done of late. The weights are published with the forecast: they say why it is what it is.
import { levelCount, rowLoss } from './levels.ts';

const halfLifeSec = 6 * 3600;
/** Research found 4 to 16 alike; the sharper half is for series where one expert is simply right. */
const power = 12;
/** An expert that begins is thought as good as the mix, with the weight of so many forecasts. */
const creditForecasts = 6;
const negligible = 1e-4;

export class Mixture {
  readonly weights: Float64Array;
  readonly #losses: Float64Array;
  readonly #counts: Float64Array;
  readonly #keep: number;
  readonly #raw: Float64Array;
  #mixLoss = 0;
  #mixCount = 0;

  constructor(experts: number, stepSec: number) {
    this.weights = new Float64Array(experts);
    this.#losses = new Float64Array(experts);
    this.#counts = new Float64Array(experts);
    this.#raw = new Float64Array(experts);
    this.#keep = 0.5 ** (stepSec / halfLifeSec);
  }

  /** Mixes the rows (`levelCount` numbers each) of the experts whose `ready` is 1 into `row`: a weighted mean per level. */
  mix(rows: Float64Array, ready: Uint8Array, row: Float64Array): void {
    const { weights } = this;
    const credit = this.#mixCount > 0 ? this.#mixLoss / this.#mixCount : 1;
    let best = Number.POSITIVE_INFINITY;
    for (let each = 0; each < weights.length; each++) {
      if (ready[each] === 0) continue;
      const loss = (this.#losses[each]! + creditForecasts * credit) / (this.#counts[each]! + creditForecasts);
      this.#raw[each] = loss;
      if (loss < best) best = loss;
    }
    let sum = 0;
    for (let each = 0; each < weights.length; each++) {
      const relative =
        ready[each] === 0 ? 0 : best > 0 ? (best / this.#raw[each]!) ** power : this.#raw[each] === 0 ? 1 : 0;
      const weight = relative < negligible ? 0 : relative;
      weights[each] = weight;
      sum += weight;
    }
    row.fill(0);
    for (let each = 0; each < weights.length; each++) {
      if (weights[each] === 0) continue;
      const weight = weights[each]! / sum;
      weights[each] = weight;
      const from = each * levelCount;
      for (let at = 0; at < levelCount; at++) row[at] = row[at]! + weight * rows[from + at]!;
    }
  }

  /**
   * What came true of the rows that were mixed into `row`. Losses count as they are, like the score they serve, but for `lossMax` at most:
   * one bin that nobody foresaw must not decide the weights of days.
   */
  learn(rows: Float64Array, ready: Uint8Array, row: Float64Array, actual: number, lossMax: number): void {
    for (let each = 0; each < this.weights.length; each++) {
      if (ready[each] === 0) continue;
      const loss = Math.min(lossMax, rowLoss(rows, actual, each * levelCount));
      this.#losses[each] = this.#keep * this.#losses[each]! + loss;
      this.#counts[each] = this.#keep * this.#counts[each]! + 1;
    }
    this.#mixLoss = this.#keep * this.#mixLoss + Math.min(lossMax, rowLoss(row, actual));
    this.#mixCount = this.#keep * this.#mixCount + 1;
  }
}
