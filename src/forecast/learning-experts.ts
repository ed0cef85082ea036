// The experts that are fitted anew from time to time: linear quantile regression and, in trees-expert.ts, boosted trees.
import type { Expert } from './expert.ts';
import { levelCount } from './levels.ts';
import { LinearQuantiles } from './linear-quantiles.ts';
import type { Origin } from './origin.ts';
import type { TrainingRows } from './training-rows.ts';

const rowsMin = 200;

export class LinearExpert implements Expert {
  readonly name = 'linear';
  readonly #model = new LinearQuantiles();

  get isFitted(): boolean {
    return this.#model.isFitted;
  }

  refit(rows: TrainingRows): void {
    if (rows.count >= rowsMin) this.#model.fit(rows.features, rows.change, rows.slots());
  }

  forecast(origin: Origin, row: Float64Array): boolean {
    if (!this.#model.isFitted) return false;
    this.#model.predict(origin.features, row);
    for (let at = 0; at < levelCount; at++) row[at] = origin.value + origin.scale * row[at]!;
    return true;
  }

  learn(): void {}
}
