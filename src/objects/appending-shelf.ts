// Directories: one open pack, appended by all concurrent writes up to its full size; they share its flushes. A full pack is
// ended in the background; a pack whose write or flush failed is dropped at once and never written again.
import { caps } from '../base/caps.ts';
import { OpenPack } from './open-pack.ts';
import type { NewBlock, PackShelf, PlacedBlock, ShelfDeps } from './pack-shelf.ts';

export class AppendingShelf implements PackShelf {
  readonly #deps: ShelfDeps;
  readonly #running = new Set<Promise<unknown>>();
  #current: OpenPack | undefined;
  #opening: Promise<void> | undefined;

  constructor(deps: ShelfDeps, first: OpenPack) {
    this.#deps = deps;
    this.#current = first;
  }

  put(block: NewBlock): Promise<PlacedBlock> {
    return this.#track(this.#put(block));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#running);
    this.#endCurrent();
    await Promise.allSettled(this.#running);
  }

  async #put(block: NewBlock): Promise<PlacedBlock> {
    const pack = await this.#roomFor(block.length);
    const placed = pack.append(block);
    try {
      await pack.flush();
      return placed;
    } catch (error) {
      if (this.#current === pack) this.#endCurrent();
      placed.settle();
      throw error;
    }
  }

  async #roomFor(length: number): Promise<OpenPack> {
    for (;;) {
      const pack = this.#current;
      if (pack !== undefined && !pack.failed && (pack.empty || pack.sizeWith(length) <= caps.packBytesMax)) return pack;
      this.#endCurrent();
      this.#opening ??= OpenPack.open(this.#deps)
        .then((opened) => {
          this.#current = opened;
        })
        .finally(() => {
          this.#opening = undefined;
        });
      await this.#opening;
    }
  }

  #endCurrent(): void {
    const pack = this.#current;
    this.#current = undefined;
    // A failed end loses nothing: every acknowledged block was flushed before.
    if (pack !== undefined) this.#track(pack.end()).catch(() => {});
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    const done = () => this.#running.delete(work);
    work.then(done, done);
    return work;
  }
}
