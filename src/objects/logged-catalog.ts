// The catalog as a worker's stories see it: every successful commit is told to the redo log, and a conflict that comes from
// being fenced is told apart from an ordinary one.
import { isFault } from '../base/fault.ts';
import type { Catalog, Change, RangeOptions, Row } from '../catalog/catalog.ts';
import type { Session } from './session.ts';

export interface LoggedCatalogOptions {
  readonly session: Session;
  /** Taken before each commit; orders commits of one row between processes. */
  readonly stamp: () => number;
  readonly onCommitted: (change: Change, stamp: number) => void;
  /** This process lost its right to commit and must exit. */
  readonly onFailed: (error: unknown) => void;
}

export class LoggedCatalog implements Catalog {
  readonly #inner: Catalog;
  readonly #options: LoggedCatalogOptions;

  constructor(inner: Catalog, options: LoggedCatalogOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  get(key: Buffer): Row | undefined | Promise<Row | undefined> {
    return this.#inner.get(key);
  }

  range(from: Buffer, to: Buffer, options: RangeOptions): Row[] | Promise<Row[]> {
    return this.#inner.range(from, to, options);
  }

  async commit(change: Change): Promise<'done' | 'conflict'> {
    const stamp = this.#options.stamp();
    const result = await this.#inner.commit(change);
    if (result === 'done') this.#options.onCommitted(change, stamp);
    else await this.#assertOwn();
    return result;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #assertOwn(): Promise<void> {
    try {
      await this.#options.session.assertOwn();
    } catch (error) {
      if (isFault(error, 'session-fenced')) this.#options.onFailed(error);
      throw error;
    }
  }
}
