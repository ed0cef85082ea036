// Which partitions there are at a moment: those of the configuration, and those that were made from a pool, each with its present duty.
import type { MadePartition, PartitionRow } from '../catalog/records/partition.ts';
import { type Config, memberOf, type PartitionConfig } from '../config/config.ts';
import type { PartitionId } from '../model/ids.ts';
import type { WhoseWord } from '../model/whose-word.ts';

export interface LivePartition extends Omit<PartitionConfig, 'duty'> {
  readonly duty: PartitionConfig['duty'] | 'retired';
  /** What made it; absent where it stands in the configuration. */
  readonly pool?: string;
  /** Whose word its duty is; absent: the configuration's. */
  readonly by?: WhoseWord;
}

/** Without those that are being made or removed, and those of a pool that the configuration does not name any more and whose keys stood there. */
export function livePartitions(
  config: Pick<Config, 'partitions' | 'pools'>,
  rows: ReadonlyMap<PartitionId, PartitionRow>,
): LivePartition[] {
  const configured = config.partitions.map((each): LivePartition => {
    const row = rows.get(each.id);
    return { ...each, duty: dutyOf(each, row), ...(row !== undefined && { by: byOf(row) }) };
  });
  const ids = new Set(configured.map(({ id }) => id));
  const made = [...rows].flatMap(([id, row]): LivePartition[] => {
    const { duty } = row;
    if (row.made === undefined || ids.has(id) || duty === 'coming' || duty === 'going') return [];
    const place = placeOf(config, id, row.made);
    return place === undefined ? [] : [{ ...place, duty, pool: row.made.pool, by: byOf(row) }];
  });
  return [...configured, ...made];
}

/** Whose word its duty is. */
export const byOf = ({ byOperator }: PartitionRow): WhoseWord => (byOperator ? 'operator' : 'plan');

/** What the file says stands, but for whoever it lets take new blocks. */
function dutyOf({ duty }: PartitionConfig, row: PartitionRow | undefined): LivePartition['duty'] {
  if (row?.duty === 'retired') return 'retired';
  return duty === 'online' && row?.duty === 'draining' ? 'draining' : duty;
}

/** Where it was made it stays, whatever its pool says now; what it may, and by which keys it is reached, the pool says. */
export function placeOf(
  { pools }: Pick<Config, 'pools'>,
  id: PartitionId,
  { pool: name, number, place, capacityDomain, failureDomain }: MadePartition,
): PartitionConfig | undefined {
  const pool = pools.find((each) => each.name === name);
  const {
    directory: _directory,
    s3,
    ...rest
  } = pool === undefined ? { duty: 'online' as const } : memberOf(pool, number);
  const common = { ...rest, id, capacityDomain, failureDomain };
  if ('directory' in place) return { ...common, directory: place.directory };
  return s3 === undefined ? undefined : { ...common, s3: { ...s3, bucket: place.bucket } };
}
