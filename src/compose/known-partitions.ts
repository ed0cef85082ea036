// A partition that still holds live bytes must stand in the configuration: without it those bytes would look lost. Better no start.
import type { Catalog } from '../catalog/catalog.ts';
import { keys, prefixEnd } from '../catalog/keys.ts';
import { decodeUsage } from '../catalog/records/delta.ts';
import type { PartitionId } from '../model/ids.ts';

const partitionsMax = 10_000;

export async function assertPartitionsKnown(catalog: Catalog, configured: readonly PartitionId[]): Promise<void> {
  const from = keys.usage('partition', '');
  const rows = await catalog.range(from, prefixEnd(from), { limit: partitionsMax });
  const missing = rows
    .map((row) => ({ id: row.key.toString('utf8', from.length), bytes: decodeUsage(row.value).bytes }))
    .filter(({ id, bytes }) => bytes > 0 && !configured.includes(id));
  if (missing.length === 0) return;
  const held = missing.map(({ id, bytes }) => `${id} (${bytes} bytes)`).join(', ');
  throw new Error(
    `the configuration lacks partitions that hold data: ${held}. Name them again; "duty: offline" keeps new data away from one`,
  );
}
