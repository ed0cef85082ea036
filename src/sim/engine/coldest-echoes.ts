// Which echoes go first when others are wanted more: those with the fewest reads per byte. A heap, made anew in each minute in which somebody asks:
// few of thousands go.
import type { Echoed } from './echo-sums.ts';
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
  /** By place in the heap: no parent is hotter than its children. */
  #keys = new Int32Array(0);
  #heats = new Float64Array(0);
  #count = 0;
  #minute = -1;

  constructor(fleet: Pick<SimFleet, 'heatOf'>, echoes: ReadonlyMap<number, Pick<Echoed, 'area' | 'group'>>) {
    this.#fleet = fleet;
    this.#echoes = echoes;
  }

  /** Of those that there were when a minute was first asked about, less those that were taken. */
  coldest(minute: number): RankedEcho | undefined {
    if (this.#minute !== minute) this.#rank(minute);
    return this.#count === 0 ? undefined : { at: this.#keys[0]!, heat: this.#heats[0]! };
  }

  /** The coldest counts no more. */
  take(): void {
    this.#count--;
    this.#keys[0] = this.#keys[this.#count]!;
    this.#heats[0] = this.#heats[this.#count]!;
    this.#sink(0);
  }

  #rank(minute: number): void {
    this.#minute = minute;
    this.#count = this.#echoes.size;
    if (this.#keys.length < this.#count) {
      this.#keys = new Int32Array(2 * this.#count);
      this.#heats = new Float64Array(2 * this.#count);
    }
    let place = 0;
    for (const [at, { area, group }] of this.#echoes) {
      this.#keys[place] = at;
      this.#heats[place++] = this.#fleet.heatOf(area, group);
    }
    for (let parent = (this.#count >> 1) - 1; parent >= 0; parent--) this.#sink(parent);
  }

  #sink(from: number): void {
    for (let place = from; ; ) {
      let least = place;
      const child = 2 * place + 1;
      if (child < this.#count && this.#isColder(child, least)) least = child;
      if (child + 1 < this.#count && this.#isColder(child + 1, least)) least = child + 1;
      if (least === place) return;
      [this.#keys[place], this.#keys[least]] = [this.#keys[least]!, this.#keys[place]!];
      [this.#heats[place], this.#heats[least]] = [this.#heats[least]!, this.#heats[place]!];
      place = least;
    }
  }

  #isColder(one: number, other: number): boolean {
    const [a, b] = [this.#heats[one]!, this.#heats[other]!];
    return a < b || (a === b && this.#keys[one]! < this.#keys[other]!);
  }
}
