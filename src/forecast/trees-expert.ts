// Boosted quantile trees as experts: one learns the change from the last value with Prophet among its features, one what Prophet leaves over.
import { BoostedQuantiles } from './boosted-quantiles.ts';
import type { Expert } from './expert.ts';
import { levelCount } from './levels.ts';
import type { Origin } from './origin.ts';
import type { TrainingRows } from './training-rows.ts';

const rowsMin = 400;
/** A leaf's rows at one bin ahead, and how many more per further bin: targets that overlap say the same thing again. */
const leafRows = 20;
const leafRowsPerBin = 4;

export class TreesExpert implements Expert {
  readonly name: 'trees' | 'prophet-trees';
  #model: BoostedQuantiles | undefined;

  readonly #leafRowsMin: number;

  constructor(name: 'trees' | 'prophet-trees', horizon: number) {
    this.name = name;
    this.#leafRowsMin = leafRows + leafRowsPerBin * (horizon - 1);
  }

  refit(rows: TrainingRows): void {
    const target = this.name === 'trees' ? rows.change : rows.residual;
    const slots = rows.slots().filter((slot) => Number.isFinite(target[slot]!));
    if (slots.length >= rowsMin) this.#model = BoostedQuantiles.fit(rows.features, target, slots, this.#leafRowsMin);
  }

  forecast(origin: Origin, row: Float64Array): boolean {
    const anchor = this.name === 'trees' ? origin.value : origin.prophetTarget;
    if (this.#model === undefined || !Number.isFinite(anchor)) return false;
    this.#model.predict(origin.features, row);
    for (let at = 0; at < levelCount; at++) row[at] = anchor + origin.scale * row[at]!;
    return true;
  }

  learn(): void {}
}
