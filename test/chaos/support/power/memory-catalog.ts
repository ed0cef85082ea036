// A catalog in memory whose commits are durable at once: what a power cut takes from a real one is the business of other trials.
import type { Catalog, Change, RangeOptions, Row } from '../../../../src/catalog/catalog.ts';
import { assertBounds, assertChange, assertKey } from '../../../../src/catalog/limits.ts';

export class MemoryCatalog implements Catalog {
  #rows: Row[]; // in key order
  #version: number;
  /** Awaited before a commit is judged and after it took effect. */
  pause: () => unknown = () => undefined;

  constructor(rows: readonly Row[] = [], version = 0) {
    this.#rows = [...rows];
    this.#version = version;
  }

  clone(): MemoryCatalog {
    return new MemoryCatalog(this.#rows, this.#version);
  }

  get(key: Buffer): Row | undefined {
    assertKey(key);
    const row = this.#rows[this.#place(key)];
    return row?.key.equals(key) ? row : undefined;
  }

  range(from: Buffer, to: Buffer, { reverse = false, limit }: RangeOptions): Row[] {
    assertBounds(from, to);
    const start = this.#place(from);
    const end = Math.max(start, this.#place(to));
    if (!reverse) return this.#rows.slice(start, Math.min(end, start + limit));
    return this.#rows.slice(Math.max(start, end - limit), end).reverse();
  }

  async commit(change: Change): Promise<'done' | 'conflict'> {
    assertChange(change);
    await this.pause();
    for (const [key, expected] of change.checks) {
      if ((this.get(key)?.version ?? 'absent') !== expected) return 'conflict';
    }
    this.#version += 1;
    for (const [key, value] of change.writes) {
      const place = this.#place(key);
      const isThere = this.#rows[place]?.key.equals(key) ?? false;
      const row = value && { key: Buffer.from(key), value: Buffer.from(value), version: this.#version };
      this.#rows.splice(place, isThere ? 1 : 0, ...(row ? [row] : []));
    }
    await this.pause();
    return 'done';
  }

  async close(): Promise<void> {}

  /** Of the first row at or behind `key`. */
  #place(key: Buffer): number {
    let [low, high] = [0, this.#rows.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Buffer.compare(this.#rows[middle]!.key, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
