// Which echoes go first when others are wanted more: those with the fewest reads per byte. Ranked anew in each minute in which somebody asks.
import type { Echoed } from './echo-sums.ts';
import { KeyHeap } from './key-heap.ts';
import type { SimFleet } from './sim-fleet.ts';

export interface RankedEcho {
  /** Its key. */
  readonly at: number;
  /** Reads per byte. */
  readonly heat: number;
}

export class ColdestEchoes {
  readonly #fleet: Pick<SimFleet, 'heatOf'>;
  readonly #echoes: ReadonlyMap<number, Pick<Echoed, 'area' | 'group'>>;
  readonly #byHeat = new KeyHeap();
  #minute = -1;

  constructor(fleet: Pick<SimFleet, 'heatOf'>, echoes: ReadonlyMap<number, Pick<Echoed, 'area' | 'group'>>) {
    this.#fleet = fleet;
    this.#echoes = echoes;
  }

  /** Of those that there were when a minute was first asked about, less those that were taken. */
  coldest(minute: number): RankedEcho | undefined {
    if (this.#minute !== minute) this.#rank(minute);
    return this.#byHeat.size === 0 ? undefined : { at: this.#byHeat.key, heat: this.#byHeat.value };
  }

  /** The coldest counts no more. */
  take(): void {
    this.#byHeat.take();
  }

  #rank(minute: number): void {
    this.#minute = minute;
    this.#byHeat.clear();
    for (const [at, { area, group }] of this.#echoes) this.#byHeat.add(at, this.#fleet.heatOf(area, group));
    this.#byHeat.order();
  }
}
