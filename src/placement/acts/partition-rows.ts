// The rows of partitions that were made while the server ran, or whose duty was changed then.
import type { Catalog, Row } from '../../catalog/catalog.ts';
import { keys, prefixEnd, tag, textOf } from '../../catalog/keys.ts';
import { decodePartition, type PartitionRow } from '../../catalog/records/partition.ts';
import type { PartitionId } from '../../model/ids.ts';

export interface KnownPartition extends PartitionRow {
  /** Of its row when it was read: what a change of it checks. */
  readonly version: number;
}

export type KnownPartitions = ReadonlyMap<PartitionId, KnownPartition>;

const rowsMax = 100_000;
const all = keys.first(tag.partition);

/** At once where the catalog answers at once. */
export function partitionRows(catalog: Pick<Catalog, 'range'>): KnownPartitions | Promise<KnownPartitions> {
  const rows = catalog.range(all, prefixEnd(all), { limit: rowsMax });
  return rows instanceof Promise ? rows.then(decoded) : decoded(rows);
}

const decoded = (rows: readonly Row[]): KnownPartitions =>
  new Map(rows.map(({ key, value, version }) => [textOf(key, 0), { ...decodePartition(value), version }]));
