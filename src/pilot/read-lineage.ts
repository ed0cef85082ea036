// Who took over whose keys before a moment, as rows of the catalog tell it.
import type { Catalog } from '../catalog/catalog.ts';
import { after, keys } from '../catalog/keys.ts';
import { decodeLineage, type LineageRow } from '../catalog/records/lineage.ts';
import { Lineage } from './lineage.ts';

const pageRows = 500;

/** What happened in [fromSec, toSec). */
export async function readLineage(catalog: Catalog, fromSec: number, toSec: number): Promise<Lineage> {
  const found: LineageRow[] = [];
  const end = keys.lineage(Math.max(0, Math.ceil(toSec)), '');
  let from: Buffer = keys.lineage(Math.max(0, Math.ceil(fromSec)), '');
  for (;;) {
    const rows = await catalog.range(from, end, { limit: pageRows });
    for (const { value } of rows) found.push(decodeLineage(value));
    if (rows.length < pageRows) return new Lineage(found);
    from = after(rows.at(-1)!.key);
  }
}
