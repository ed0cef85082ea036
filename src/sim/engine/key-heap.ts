// Keys by a number of theirs, the least first, as far as somebody asks: of thousands few are wanted, so nothing is sorted and nothing is allocated.

export class KeyHeap {
  /** By place: no parent's value is greater than its children's. */
  #keys = new Int32Array(0);
  #values = new Float64Array(0);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  /** The one with the least value, of equals with the least key. There has to be one. */
  get key(): number {
    return this.#keys[0]!;
  }

  get value(): number {
    return this.#values[0]!;
  }

  /** Forgets all. */
  clear(): void {
    this.#count = 0;
  }

  /** Counts when all are there and `order` was called. */
  add(key: number, value: number): void {
    if (this.#count === this.#keys.length) this.#grow();
    this.#keys[this.#count] = key;
    this.#values[this.#count++] = value;
  }

  order(): void {
    for (let parent = (this.#count >> 1) - 1; parent >= 0; parent--) this.#sink(parent);
  }

  /** The least goes. */
  take(): void {
    this.#count--;
    this.#keys[0] = this.#keys[this.#count]!;
    this.#values[0] = this.#values[this.#count]!;
    this.#sink(0);
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Int32Array(Math.max(64, 2 * this.#count));
    this.#values = new Float64Array(this.#keys.length);
    this.#keys.set(keys);
    this.#values.set(values);
  }

  #sink(from: number): void {
    const [keys, values, count] = [this.#keys, this.#values, this.#count];
    const [key, value] = [keys[from]!, values[from]!];
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= count) break;
      if (child + 1 < count && isLess(keys, values, child + 1, values[child]!, keys[child]!)) child++;
      if (!isLess(keys, values, child, value, key)) break;
      keys[place] = keys[child]!;
      values[place] = values[child]!;
      place = child;
    }
    keys[place] = key;
    values[place] = value;
  }
}

const isLess = (keys: Int32Array, values: Float64Array, at: number, value: number, key: number): boolean =>
  values[at]! < value || (values[at] === value && keys[at]! < key);
