// One move's row in the catalog: written before the first byte, changed in the same commits as the places of its blocks, removed with its end. So
// whoever leads next knows what is under way and how far it has come, exactly.
import type { Catalog, Change } from '../../catalog/catalog.ts';
import { actNameOf, keys, prefixEnd, tag } from '../../catalog/keys.ts';
import { type ActRow, decodeAct, encodeAct, type MoveRow } from '../../catalog/records/act.ts';
import { blockViewOf } from '../../catalog/records/block.ts';
import type { AreaId, PartitionId } from '../../model/ids.ts';

export interface ActName {
  readonly area: AreaId;
  /** What it is moved from; '' where nothing is moved. */
  readonly from: PartitionId;
}

type Commit = (change: Change) => Promise<'done' | 'conflict'>;

export class MoveJournal {
  readonly name: ActName;
  readonly #commit: Commit;
  #row: MoveRow;

  constructor(commit: Commit, name: ActName, row: MoveRow) {
    this.#commit = commit;
    this.name = name;
    this.#row = row;
  }

  get row(): MoveRow {
    return this.#row;
  }

  async write(): Promise<void> {
    await this.#commit({ checks: [], writes: [[this.#key, encodeAct(this.#row)]] });
  }

  /** What blocks it moves is counted with it. */
  async commit({ checks, writes }: Change): Promise<'done' | 'conflict'> {
    let bytes = 0;
    for (const [key, value] of writes)
      if (key[0] === tag.block && value !== undefined) bytes += blockViewOf(value).length;
    const row: MoveRow = { ...this.#row, bytesMoved: this.#row.bytesMoved + bytes };
    const result = await this.#commit({ checks, writes: [...writes, [this.#key, encodeAct(row)]] });
    if (result === 'done') this.#row = row;
    return result;
  }

  async remove(): Promise<void> {
    await this.#commit({ checks: [], writes: [[this.#key, undefined]] });
  }

  get #key(): Buffer {
    return keys.act(this.name.area, this.name.from);
  }
}

const actsMax = 10_000;

/** What was begun, by whoever led, and is not over. */
export async function standingActs(catalog: Catalog): Promise<readonly (ActName & { readonly row: ActRow })[]> {
  const first = keys.first(tag.act);
  const rows = await catalog.range(first, prefixEnd(first), { limit: actsMax });
  return rows.map(({ key, value }) => ({ ...actNameOf(key), row: decodeAct(value) }));
}
