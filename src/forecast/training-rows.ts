// The past that learning experts are fitted to: every origin of the last days, and one in five of the weeks before, in typed arrays of
// fixed size. Features stand as they were when the forecast was made, so nothing of what came later can leak into them.
import { featureCount } from './features.ts';
import type { Origin } from './origin.ts';

const denseRows = 1000;
const coarseRows = 1500;
/** Has no common divisor with the bins of a day, so that all times of day are met. */
const coarseEvery = 5;

export class TrainingRows {
  readonly #rows = denseRows + coarseRows;
  /** Row-major: `featureCount` numbers per row. */
  readonly features = new Float32Array(this.#rows * featureCount);
  /** What came true less the last value, in local scales. */
  readonly change = new Float64Array(this.#rows);
  /** What came true less what Prophet had said, in local scales; NaN without Prophet. */
  readonly residual = new Float64Array(this.#rows);
  readonly #index = new Float64Array(this.#rows);
  #dense = 0;
  #coarse = 0;
  #coarseHeld = 0;

  get count(): number {
    return Math.min(this.#dense, denseRows) + this.#coarseHeld;
  }

  add(origin: Origin, actual: number): void {
    const slot = this.#dense % denseRows;
    if (this.#dense >= denseRows && this.#index[slot]! % coarseEvery === 0) this.#keep(slot);
    this.features.set(origin.features, slot * featureCount);
    this.change[slot] = (actual - origin.value) / origin.scale;
    this.residual[slot] = (actual - origin.prophetTarget) / origin.scale;
    this.#index[slot] = origin.index;
    this.#dense++;
  }

  /** Slots of the rows that are held, in no order. */
  slots(): Int32Array {
    const dense = Math.min(this.#dense, denseRows);
    return Int32Array.from({ length: this.count }, (_, at) => (at < dense ? at : denseRows + at - dense));
  }

  #keep(slot: number): void {
    const to = denseRows + this.#coarse;
    this.features.copyWithin(to * featureCount, slot * featureCount, (slot + 1) * featureCount);
    this.change[to] = this.change[slot]!;
    this.residual[to] = this.residual[slot]!;
    this.#index[to] = this.#index[slot]!;
    this.#coarse = (this.#coarse + 1) % coarseRows;
    this.#coarseHeld = Math.min(this.#coarseHeld + 1, coarseRows);
  }
}
