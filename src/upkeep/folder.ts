// Folds delta rows into usage rows. Commits only insert deltas, so no row is hot; only the leader writes usage.
import { caps } from '../base/caps.ts';
import { reached } from '../base/crash-points.ts';
import type { Catalog, Row, Write } from '../catalog/catalog.ts';
import { keys, prefixEnd, tag } from '../catalog/keys.ts';
import { decodeDelta, decodeUsage, encodeUsage, type UsageRow } from '../catalog/records/delta.ts';
import { decodePack } from '../catalog/records/pack.ts';
import type { PackId, PartitionId } from '../model/ids.ts';
import type { Control, Doer } from './upkeep-deps.ts';
import { walkPages } from './walk-rows.ts';

const pageRows = 300;

interface Total {
  readonly key: Buffer;
  objects: number;
  bytes: number;
}

export class Folder implements Doer {
  readonly name = 'folder';
  readonly everyMs = 500;
  readonly #catalog: Catalog;
  readonly #control: Control;

  constructor(catalog: Catalog, control: Control) {
    this.#catalog = catalog;
    this.#control = control;
  }

  /**
   * One pass over all deltas: whatever was committed before it began is folded when it ends. What is committed meanwhile may
   * be or not, so a total can be too low for a moment; a total that no more additions can reach is never too low.
   */
  async tick(): Promise<void> {
    const from = keys.first(tag.delta);
    for await (const rows of walkPages(this.#catalog, from, prefixEnd(from), pageRows)) await this.#fold(rows);
  }

  async #fold(rows: readonly Row[]): Promise<void> {
    let totals = new Map<string, Total>();
    let folded: Row[] = [];
    for (const row of rows) {
      const delta = decodeDelta(row.value);
      const touched = delta.packs.length * 2 + delta.areas.length + delta.buckets.length;
      if (folded.length > 0 && totals.size + touched + folded.length > caps.commitRowsMax - 100) {
        await this.#commit(totals, folded);
        totals = new Map();
        folded = [];
      }
      folded.push(row);
      for (const [pack, bytes] of delta.packs) {
        add(totals, keys.usage('pack', pack), 0, bytes);
        const partition = await this.#partitionOf(pack);
        if (partition !== undefined) add(totals, keys.usage('partition', partition), 0, bytes);
      }
      for (const [area, bytes] of delta.areas) add(totals, keys.usage('area', area), 0, bytes);
      for (const [bucket, objects, bytes] of delta.buckets) add(totals, keys.usage('bucket', bucket), objects, bytes);
    }
    await this.#commit(totals, folded);
  }

  async #commit(totals: ReadonlyMap<string, Total>, folded: readonly Row[]): Promise<void> {
    const writes: Write[] = folded.map(({ key }) => [key, undefined]);
    for (const { key, objects, bytes } of totals.values()) {
      const before = await readUsage(this.#catalog, key);
      const sum: UsageRow = { objects: before.objects + objects, bytes: before.bytes + bytes };
      writes.push([key, sum.objects === 0 && sum.bytes === 0 ? undefined : encodeUsage(sum)]);
    }
    reached('folding: before the commit');
    const result = await this.#control.commit({ checks: [], writes });
    reached('folding: folded');
    // Else totals would be taken for complete.
    if (result !== 'done') throw new Error('a commit without checks of its own conflicted');
  }

  async #partitionOf(pack: PackId): Promise<PartitionId | undefined> {
    const row = await this.#catalog.get(keys.pack(pack));
    return row && decodePack(row.value).partition;
  }
}

function add(totals: Map<string, Total>, key: Buffer, objects: number, bytes: number): void {
  const name = key.toString('latin1');
  const total = totals.get(name) ?? { key, objects: 0, bytes: 0 };
  total.objects += objects;
  total.bytes += bytes;
  totals.set(name, total);
}

/** Nothing folded yet is zero. */
export async function readUsage(catalog: Catalog, key: Buffer): Promise<UsageRow> {
  const row = await catalog.get(key);
  return row === undefined ? { objects: 0, bytes: 0 } : decodeUsage(row.value);
}
