// Blocks that are durable but not yet committed keep their packs from being marked sealed, and so from collection. Each set
// is settled by the commit that publishes it, or, when a story gave it up, once nothing refers to its rows any more.
import type { Change, Write } from '../catalog/catalog.ts';
import { tag } from '../catalog/keys.ts';
import type { PlacedBlock } from './pack-shelf.ts';

export class Settlements {
  readonly #open = new Map<string, () => void>();
  readonly #forgotten = new FinalizationRegistry<string>((name) => this.#settle(name));

  get size(): number {
    return this.#open.size;
  }

  /** `rows` are block rows that one commit will write together. */
  track(rows: readonly Write[], placed: readonly PlacedBlock[]): void {
    const [key, value] = rows[0]!;
    const name = key.toString('hex');
    this.#open.set(name, () => {
      for (const block of placed) block.settle();
    });
    // The value is handed on by reference until the commit is over, so its end is the end of every chance to publish.
    this.#forgotten.register(value!, name);
  }

  committed(change: Change): void {
    if (this.#open.size === 0) return;
    for (const [key, value] of change.writes) {
      if (key[0] === tag.block && value !== undefined) this.#settle(key.toString('hex'));
    }
  }

  #settle(name: string): void {
    const settle = this.#open.get(name);
    if (settle === undefined) return;
    this.#open.delete(name);
    settle();
  }
}
