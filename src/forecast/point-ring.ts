// What was said of late, as one number per target and bin: a partition's errors are sums over its areas' errors of the same moment, so the
// moments have to be kept. Bins are counted from 1970, so that all rings of a fleet speak of the same ones.
export class PointRing {
  readonly #rows: readonly Float32Array[];
  readonly #bins: number;
  #newest = Number.NEGATIVE_INFINITY;

  constructor(targets: number, bins: number) {
    this.#bins = bins;
    this.#rows = Array.from({ length: targets }, () => new Float32Array(bins).fill(Number.NaN));
  }

  /** `bin` is at or after every bin so far; those that were left out say nothing. */
  set(target: number, bin: number, value: number): void {
    const from = Math.max(this.#newest + 1, bin - this.#bins + 1);
    if (Number.isFinite(this.#newest)) {
      for (let each = from; each <= bin; each++) for (const row of this.#rows) row[each % this.#bins] = Number.NaN;
    }
    this.#newest = Math.max(this.#newest, bin);
    this.#rows[target]![bin % this.#bins] = value;
  }

  /** NaN: nothing was said, or too long ago. */
  at(target: number, bin: number): number {
    return bin > this.#newest || bin <= this.#newest - this.#bins ? Number.NaN : this.#rows[target]![bin % this.#bins]!;
  }
}
