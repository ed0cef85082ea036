// Rows of areas by their ids. They are keyed by bucket and first key: where an id was found is remembered, and looked at first.
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import type { Catalog, Row } from '../../catalog/catalog.ts';
import { after, idOf, keys, prefixEnd, tag, textOf } from '../../catalog/keys.ts';
import { type AreaRow, decodeArea } from '../../catalog/records/area.ts';
import type { AreaId, BucketId } from '../../model/ids.ts';

export interface FoundArea {
  readonly area: AreaRow;
  readonly row: Row;
  readonly bucket: BucketId;
  /** First key of the area, and of the next one in its bucket; undefined: it reaches to the bucket's end. */
  readonly from: string;
  readonly to: string | undefined;
}

const pageRows = 1000;

export class AreaRows {
  readonly #catalog: Catalog;
  #keys = new Map<AreaId, Buffer>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  async find(id: AreaId): Promise<FoundArea | undefined> {
    const row = (await this.#at(this.#keys.get(id), id)) ?? (await this.#at(await this.#look(id), id));
    if (row === undefined) return undefined;
    const bucket = idOf(row.key);
    const [next] = await this.#catalog.range(after(row.key), prefixEnd(keys.first(tag.area, bucket)), { limit: 1 });
    const to = next && textOf(next.key, 1);
    return { area: decodeArea(row.value), row, bucket, from: textOf(row.key, 1), to };
  }

  async #at(key: Buffer | undefined, id: AreaId): Promise<Row | undefined> {
    const row = key && (await this.#catalog.get(key));
    return row !== undefined && decodeArea(row.value).id === id ? row : undefined;
  }

  async #look(id: AreaId): Promise<Buffer | undefined> {
    const found = new Map<AreaId, Buffer>();
    const end = prefixEnd(keys.first(tag.area));
    for (let start = keys.first(tag.area); ; await turnOfOthers()) {
      const rows = await this.#catalog.range(start, end, { limit: pageRows });
      for (const { key, value } of rows) found.set(decodeArea(value).id, key);
      if (rows.length < pageRows) break;
      start = after(rows.at(-1)!.key);
    }
    this.#keys = found;
    return found.get(id);
  }
}
