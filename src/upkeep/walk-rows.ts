// Rows of a key range in pages, with a pause between them in which others may run.
import { setImmediate as breathe } from 'node:timers/promises';
import type { Catalog, Row } from '../catalog/catalog.ts';
import { after, keys, prefixEnd, type Tag } from '../catalog/keys.ts';

const pageRows = 1000;

export async function* walkPages(
  catalog: Catalog,
  from: Buffer,
  to: Buffer,
  limit = pageRows,
): AsyncGenerator<Row[], void> {
  for (let start = from; ; await breathe()) {
    const rows = await catalog.range(start, to, { limit });
    if (rows.length > 0) yield rows;
    if (rows.length < limit) return;
    start = after(rows.at(-1)!.key);
  }
}

/** All rows of a kind, or those under one id. */
export async function* walkKind(catalog: Catalog, kind: Tag, id?: string): AsyncGenerator<Row, void> {
  const from = keys.first(kind, id);
  for await (const rows of walkPages(catalog, from, prefixEnd(from))) yield* rows;
}

/** Walks a kind of rows round and round, a page a time. */
export class RollingWalk {
  readonly #catalog: Catalog;
  readonly #from: Buffer;
  readonly #to: Buffer;
  #next: Buffer;

  constructor(catalog: Catalog, kind: Tag) {
    this.#catalog = catalog;
    this.#from = keys.first(kind);
    this.#to = prefixEnd(this.#from);
    this.#next = this.#from;
  }

  /** `wrapped`: this page was the last one of a round. */
  async page(limit = pageRows): Promise<{ rows: Row[]; wrapped: boolean }> {
    const rows = await this.#catalog.range(this.#next, this.#to, { limit });
    const wrapped = rows.length < limit;
    this.#next = wrapped ? this.#from : after(rows.at(-1)!.key);
    return { rows, wrapped };
  }
}
