// Ports: where partitions can be made, and how that is done.
import type { MadePartition } from '../../catalog/records/partition.ts';
import type { Capacity } from '../../model/capacity.ts';
import type { PartitionId } from '../../model/ids.ts';
import type { Partition } from '../../partition/partition.ts';

export interface Pool {
  readonly name: string;
  /** So many partitions at a time. */
  readonly max: number;
  /** Its n-th partition, from 1. */
  member(n: number): PoolMember;
}

export interface PoolMember {
  readonly id: PartitionId;
  readonly made: MadePartition;
  readonly capacity: Capacity;
}

export interface Places {
  /** A directory or bucket: made where it is missing, and claimed. What was done before is no error. */
  make(id: PartitionId, made: MadePartition): Promise<Partition>;
  /** Undefined: it is gone; else what is in the way. Nothing but what marks it as this partition's is ever removed. */
  remove(id: PartitionId, made: MadePartition): Promise<string | undefined>;
}
