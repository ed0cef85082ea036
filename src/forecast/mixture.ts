// Experts weighted by how they have done of late. The weights are published with the forecast: they say why it is what it is.
import { levelCount, levels, rowLoss, scoredFrom, scoredTo } from './levels.ts';

const halfLifeSec = 6 * 3600;
/** Research found 4 to 16 alike; the sharper half is for series where one expert is simply right. */
const power = 12;
/** An expert that begins is thought as good as the mix, with the weight of so many forecasts. */
const creditForecasts = 6;
const negligible = 1e-4;

/** Low, middle and high levels are weighed apart: who knows the peaks need not be who knows the rest. */
const groups = [
  { from: 0, to: levels.indexOf(0.3) },
  { from: levels.indexOf(0.4), to: levels.indexOf(0.6) },
  { from: levels.indexOf(0.7), to: levelCount - 1 },
].map((group) => ({
  ...group,
  scoredFrom: Math.max(scoredFrom, group.from),
  scoredTo: Math.min(scoredTo, group.to),
}));

export class Mixture {
  /** Per expert, mean over the groups of levels. */
  readonly weights: Float64Array;
  /** Discounted losses, by group then expert; the mix itself comes last. */
  readonly #losses: Float64Array;
  readonly #counts: Float64Array;
  readonly #keep: number;
  readonly #raw: Float64Array;
  readonly #experts: number;

  constructor(experts: number, stepSec: number) {
    this.#experts = experts;
    this.weights = new Float64Array(experts);
    this.#losses = new Float64Array(groups.length * (experts + 1));
    this.#counts = new Float64Array(experts + 1);
    this.#raw = new Float64Array(experts);
    this.#keep = 0.5 ** (stepSec / halfLifeSec);
  }

  /** Mixes the rows (`levelCount` numbers each) of the experts whose `ready` is 1 into `row`: a weighted mean per level. */
  mix(rows: Float64Array, ready: Uint8Array, row: Float64Array): void {
    row.fill(0);
    this.weights.fill(0);
    for (let group = 0; group < groups.length; group++) this.#mixGroup(group, rows, ready, row);
  }

  /**
   * What came true of the rows that were mixed into `row`. Losses count as they are, like the score they serve, but for `lossMax` at most:
   * one bin that nobody foresaw must not decide the weights of days.
   */
  learn(rows: Float64Array, ready: Uint8Array, row: Float64Array, actual: number, lossMax: number): void {
    for (let each = 0; each < this.#experts; each++) {
      if (ready[each] === 1) this.#count(each, rows, each * levelCount, actual, lossMax);
    }
    this.#count(this.#experts, row, 0, actual, lossMax);
  }

  #count(column: number, rows: Float64Array, offset: number, actual: number, lossMax: number): void {
    this.#counts[column] = this.#keep * this.#counts[column]! + 1;
    for (let group = 0; group < groups.length; group++) {
      const { scoredFrom: from, scoredTo: to } = groups[group]!;
      const at = group * (this.#experts + 1) + column;
      this.#losses[at] = this.#keep * this.#losses[at]! + Math.min(lossMax, rowLoss(rows, actual, offset, from, to));
    }
  }

  #mixGroup(group: number, rows: Float64Array, ready: Uint8Array, row: Float64Array): void {
    const experts = this.#experts;
    const { from, to } = groups[group]!;
    const losses = group * (experts + 1);
    const mixed = this.#counts[experts]!;
    const credit = mixed > 0 ? this.#losses[losses + experts]! / mixed : 1;
    const raw = this.#raw;
    let best = Number.POSITIVE_INFINITY;
    for (let each = 0; each < experts; each++) {
      if (ready[each] === 0) continue;
      const loss = (this.#losses[losses + each]! + creditForecasts * credit) / (this.#counts[each]! + creditForecasts);
      raw[each] = loss;
      if (loss < best) best = loss;
    }
    let sum = 0;
    for (let each = 0; each < experts; each++) {
      const loss = raw[each]!;
      const weight = ready[each] === 0 ? 0 : best > 0 ? (best / loss) ** power : loss === 0 ? 1 : 0;
      raw[each] = weight < negligible ? 0 : weight;
      sum += raw[each]!;
    }
    for (let each = 0; each < experts; each++) {
      if (raw[each] === 0) continue;
      const weight = raw[each]! / sum;
      this.weights[each] = this.weights[each]! + weight / groups.length;
      const offset = each * levelCount;
      for (let at = from; at <= to; at++) row[at] = row[at]! + weight * rows[offset + at]!;
    }
  }
}
