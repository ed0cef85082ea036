// What will be asked of a partition minute by minute: each minute is summed up once, until something else lies there.
import type { Share } from './error-spread.ts';

interface Known {
  readonly version: number;
  readonly shares: readonly Share[];
  /** At minute modulo span; those before `until` are known. */
  readonly sums: Float64Array;
  until: number;
}

export class MinutesAhead {
  readonly #loads: Float32Array;
  readonly #areas: number;
  readonly #span: number;
  readonly #known = new Map<number, Known>();

  /** `loads`: at minute × areas + area. `span`: no more minutes are asked about at once. */
  constructor(loads: Float32Array, areas: number, span: number) {
    this.#loads = loads;
    this.#areas = areas;
    this.#span = span;
  }

  /** `version`: of what `sharesOf` says. `from` never goes back. At minute modulo span. */
  of(place: number, version: number, sharesOf: () => readonly Share[], from: number, to: number): Float64Array {
    let known = this.#known.get(place);
    if (known === undefined || known.version !== version) {
      const sums = known?.sums ?? new Float64Array(this.#span);
      known = { version, shares: sharesOf(), sums, until: from };
      this.#known.set(place, known);
    }
    for (let minute = Math.max(from, known.until); minute < to; minute++) {
      let sum = 0;
      for (const { area, share } of known.shares) sum += share * this.#loads[minute * this.#areas + area]!;
      known.sums[minute % this.#span] = sum;
    }
    known.until = Math.max(known.until, to);
    return known.sums;
  }
}
