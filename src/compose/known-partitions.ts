// A partition that still holds live bytes must be known: in the configuration, or in the catalog and by its pool. Without it those bytes would
// look lost. Better no start.
import type { Catalog } from '../catalog/catalog.ts';
import { keys, prefixEnd } from '../catalog/keys.ts';
import { decodeUsage } from '../catalog/records/delta.ts';
import type { Config } from '../config/config.ts';
import { partitionRows } from '../placement/acts/partition-rows.ts';
import { livePartitions } from './live-partitions.ts';

const partitionsMax = 10_000;

export async function assertPartitionsKnown(
  catalog: Catalog,
  config: Pick<Config, 'partitions' | 'pools'>,
): Promise<void> {
  const from = keys.usage('partition', '');
  const rows = await catalog.range(from, prefixEnd(from), { limit: partitionsMax });
  const made = await partitionRows(catalog);
  const known = new Set(livePartitions(config, made).map(({ id }) => id));
  const missing = rows
    .map((row) => ({ id: row.key.toString('utf8', from.length), bytes: decodeUsage(row.value).bytes }))
    .filter(({ id, bytes }) => bytes > 0 && !known.has(id));
  if (missing.length === 0) return;
  const poolOf = (id: string): string => {
    const pool = made.get(id)?.made?.pool;
    return pool === undefined ? '' : ` of pool ${pool}`;
  };
  const held = missing.map(({ id, bytes }) => `${id}${poolOf(id)} (${bytes} bytes)`).join(', ');
  throw new Error(
    `the configuration lacks partitions that hold data: ${held}. Name them, or their pool, again; "duty: offline" keeps new data away from one`,
  );
}
