// Raises the watermark below which no process issues a sequence, and so lets heads of deleted keys go: a key written again
// later gets a greater sequence even where the clock was turned back.
import type { Clock } from '../base/clock.ts';
import { reached } from '../base/crash-points.ts';
import { secondMs } from '../base/units.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { encodeSequence } from '../catalog/records/sequence.ts';
import { readWatermark, sequenceAt } from '../objects/sequence.ts';
import type { Control, Doer } from './upkeep-deps.ts';

const marginMs = 10 * secondMs;

export class WatermarkRaiser implements Doer {
  readonly name = 'watermark';
  readonly everyMs = 1 * secondMs;
  readonly #catalog: Catalog;
  readonly #control: Control;
  readonly #clock: Clock;

  constructor(catalog: Catalog, control: Control, clock: Clock) {
    this.#catalog = catalog;
    this.#control = control;
    this.#clock = clock;
  }

  async tick(): Promise<void> {
    const sequence = sequenceAt(this.#clock.wallMs() - marginMs);
    if (sequence <= (await readWatermark(this.#catalog))) return;
    await this.#control.commit({ checks: [], writes: [[keys.watermark(), encodeSequence(sequence)]] });
    reached('watermark: raised');
  }
}
