// What the wrappers of a pack writer have in common: something is done around each step that makes bytes durable, and a pack is dead after
// its first rejection, whoever rejected.
import type { PackId } from '../../model/ids.ts';
import type { PackWriter } from '../partition.ts';

/** `fresh` says how many bytes this step makes durable that no other did; steps overlap, and each byte is told once. */
export type Around = (operation: 'flush' | 'seal', fresh: () => number, work: () => Promise<void>) => Promise<void>;

export class WrappedPackWriter implements PackWriter {
  readonly #inner: PackWriter;
  readonly #around: Around;
  #told = 0;
  #failure: unknown;
  #sealed: Promise<void> | undefined;

  constructor(inner: PackWriter, around: Around) {
    this.#inner = inner;
    this.#around = around;
  }

  get pack(): PackId {
    return this.#inner.pack;
  }

  get size(): number {
    return this.#inner.size;
  }

  get flushes(): boolean {
    return this.#inner.flushes;
  }

  append(chunks: readonly Uint8Array[]): number {
    if (this.#failure) throw this.#failure;
    return this.#inner.append(chunks);
  }

  async ready(): Promise<void> {
    if (this.#failure) throw this.#failure;
    await this.#inner.ready();
  }

  flush(): Promise<void> {
    return this.flushes ? this.#durably('flush', () => this.#inner.flush()) : this.#inner.flush();
  }

  seal(): Promise<void> {
    this.#sealed ??= this.#durably('seal', () => this.#inner.seal());
    return this.#sealed;
  }

  abort(): Promise<void> {
    return this.#inner.abort();
  }

  async #durably(operation: 'flush' | 'seal', work: () => Promise<void>): Promise<void> {
    if (this.#failure) throw this.#failure;
    const upTo = this.#inner.size;
    const fresh = (): number => {
      const bytes = Math.max(0, upTo - this.#told);
      this.#told += bytes;
      return bytes;
    };
    try {
      await this.#around(operation, fresh, work);
    } catch (error) {
      this.#failure ??= error;
      await this.#inner.abort().catch(() => undefined);
      throw this.#failure;
    }
  }
}
