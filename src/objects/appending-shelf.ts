// Directories: one open pack, appended by all concurrent writes up to its full size; they share its flushes. A full pack is
// ended in the background; a pack whose write or flush failed is dropped at once and never written again.
import { caps } from '../base/caps.ts';
import { reached } from '../base/crash-points.ts';
import { secondMs } from '../base/units.ts';
import { OpenPack } from './open-pack.ts';
import type { NewBlock, PackShelf, PlacedBlock, ShelfDeps } from './pack-shelf.ts';

/** An open pack cannot be compacted, so one that nobody writes to is ended, and what is dead in it can go. */
const idleMsMax = 30 * secondMs;

export class AppendingShelf implements PackShelf {
  readonly #deps: ShelfDeps;
  readonly #running = new Set<Promise<unknown>>();
  #current: OpenPack | undefined;
  #opening: Promise<void> | undefined;
  #putting = 0;
  #usedMs = Number.NEGATIVE_INFINITY;

  constructor(deps: ShelfDeps, first: OpenPack) {
    this.#deps = deps;
    this.#current = first;
  }

  put(block: NewBlock): Promise<PlacedBlock> {
    return this.#track(this.#put(block));
  }

  tidy(): void {
    const idleMs = this.#deps.clock.monotonicMs() - this.#usedMs;
    if (this.#current?.empty === false && idleMs > idleMsMax && this.#putting === 0) this.#endCurrent();
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#running);
    this.#endCurrent();
    await Promise.allSettled(this.#running);
  }

  async #put(block: NewBlock): Promise<PlacedBlock> {
    // No await between finding room and appending: the pack could be ended by somebody else in between.
    let pack = this.#withRoom(block.length);
    for (; pack === undefined; pack = this.#withRoom(block.length)) await this.#openNext();
    this.#usedMs = this.#deps.clock.monotonicMs();
    this.#putting += 1;
    let placed: PlacedBlock | undefined;
    try {
      placed = pack.append(block);
      reached('shelf: block appended');
      await pack.flush();
      block.whenRead?.();
      return placed;
    } catch (error) {
      if (this.#current === pack) this.#endCurrent();
      placed?.settle();
      throw error;
    } finally {
      this.#putting -= 1;
    }
  }

  #withRoom(length: number): OpenPack | undefined {
    const pack = this.#current;
    if (pack === undefined || pack.failed) return undefined;
    return pack.empty || pack.sizeWith(length) <= caps.packBytesMax ? pack : undefined;
  }

  async #openNext(): Promise<void> {
    if (this.#opening === undefined) this.#endCurrent();
    this.#opening ??= OpenPack.open(this.#deps)
      .then((opened) => {
        this.#current = opened;
        reached('shelf: next pack opened');
      })
      .finally(() => {
        this.#opening = undefined;
      });
    await this.#opening;
  }

  #endCurrent(): void {
    const pack = this.#current;
    this.#current = undefined;
    if (pack === undefined) return;
    reached('shelf: pack ends');
    // A failed end loses nothing: every acknowledged block was flushed before.
    this.#track(pack.end()).catch(() => {});
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    const done = () => this.#running.delete(work);
    work.then(done, done);
    return work;
  }
}
