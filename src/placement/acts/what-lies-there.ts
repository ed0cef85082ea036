// What a partition still holds, as the catalog knows it: whoever wants it retired is told how much of what is in the way.
import type { Catalog } from '../../catalog/catalog.ts';
import { idOf, keys, prefixEnd, tag } from '../../catalog/keys.ts';
import { decodeUsage } from '../../catalog/records/delta.ts';
import { decodePack, type PackRow } from '../../catalog/records/pack.ts';
import type { PartitionId } from '../../model/ids.ts';
import { createRowCursor } from '../../objects/row-cursor.ts';

interface Count {
  packs: number;
  bytes: number;
}

/** Undefined: nothing. */
export async function whatLiesThere(catalog: Catalog, partition: PartitionId): Promise<string | undefined> {
  const counts = new Map<string, Count>();
  const from = keys.first(tag.pack);
  const cursor = createRowCursor(catalog, from, prefixEnd(from));
  for (let row = await cursor.peek(); row !== undefined; row = await cursor.peek()) {
    cursor.advance();
    const pack = decodePack(row.value);
    if (pack.partition !== partition) continue;
    const usage = await catalog.get(keys.usage('pack', idOf(row.key)));
    const bytes = usage === undefined ? 0 : Math.max(0, decodeUsage(usage.value).bytes);
    const kind = kindOf(pack, bytes);
    const count = counts.get(kind) ?? { packs: 0, bytes: 0 };
    counts.set(kind, { packs: count.packs + 1, bytes: count.bytes + bytes });
  }
  if (counts.size === 0) return undefined;
  return [...counts]
    .map(([kind, { packs, bytes }]) => `${packs} ${packs === 1 ? 'pack' : 'packs'} ${kind}${bytesText(bytes)}`)
    .join(', ');
}

function kindOf({ state, holds }: PackRow, bytes: number): string {
  if (state === 'reserved') return 'that may still be written';
  if (state === 'dead') return 'that wait for their removal';
  if (holds === 'log') return 'of the redo log (a checkpoint or two will end them)';
  if (holds === 'checkpoint') return 'of checkpoints (the next ones will end them)';
  if (holds === 'echo') return 'of echoes';
  return bytes > 0 ? 'of live blocks' : 'without live blocks, not collected yet';
}

const bytesText = (bytes: number): string => (bytes === 0 ? '' : ` with ${bytes} bytes`);
