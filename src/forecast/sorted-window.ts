// The last N numbers, kept in order, so that an empirical quantile costs two look-ups and a new number one shift of memory.
export class SortedWindow {
  readonly #ring: Float64Array;
  readonly #sorted: Float64Array;
  #count = 0;
  #next = 0;

  constructor(capacity: number) {
    this.#ring = new Float64Array(capacity);
    this.#sorted = new Float64Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  /** Takes a finite number in; the oldest goes when the window is full. */
  add(value: number): void {
    const { length } = this.#ring;
    let to = this.#place(value);
    if (this.#count === length) {
      // The gap that the oldest leaves moves to where the new one belongs.
      const gap = this.#place(this.#ring[this.#next]!);
      if (to > gap) this.#sorted.copyWithin(gap, gap + 1, to--);
      else this.#sorted.copyWithin(to + 1, to, gap);
    } else {
      this.#sorted.copyWithin(to + 1, to, this.#count);
      this.#count++;
    }
    this.#sorted[to] = value;
    this.#ring[this.#next] = value;
    this.#next = (this.#next + 1) % length;
  }

  /** Quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan); NaN of nothing. */
  quantile(level: number): number {
    return sortedQuantile(this.#sorted, this.#count, level);
  }

  #place(value: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Quantile of the first `count` numbers of a sorted array (type 7); NaN of nothing. */
export function sortedQuantile(sorted: Float64Array, count: number, level: number): number {
  if (count === 0) return Number.NaN;
  const position = level * (count - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  return below + 1 < count ? low + (position - below) * (sorted[below + 1]! - low) : low;
}
