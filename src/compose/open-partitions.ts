// Partitions as ports: the adapter that each names, counted and timed; what cannot be reached at start is tried again later.
import { readFileSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { secondMs } from '../base/units.ts';
import type { PartitionConfig, ReplicaConfig, S3Backend } from '../config/config.ts';
import type { PartitionId } from '../model/ids.ts';
import type { Replica } from '../objects/copies.ts';
import { DirectoryPartition } from '../partition/adapters/directory-partition.ts';
import type { S3Partition } from '../partition/adapters/s3-partition.ts';
import { usualRetries } from '../partition/backoff.ts';
import { type Granted, PartitionHealth } from '../partition/health.ts';
import type { Partition } from '../partition/partition.ts';
import type { Ration, Want } from '../partition/ration.ts';
import { LimitedPartition } from '../partition/wrappers/limited-partition.ts';
import { MeasuredPartition, type PartitionRecorder } from '../partition/wrappers/measured-partition.ts';
import { ReadOnlyPartition } from '../partition/wrappers/read-only-partition.ts';
import { RetriedPartition } from '../partition/wrappers/retried-partition.ts';
import { WatchedPartition } from '../partition/wrappers/watched-partition.ts';
import type { Logger } from '../telemetry/telemetry.ts';
import { MountedPartition } from './mounted-partition.ts';
import type { RationsOf } from './rations.ts';

export interface PartitionTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly recorder: PartitionRecorder;
  /** What this process may take of the quotas; without them nothing is limited. */
  readonly rations?: RationsOf;
  /** False: a directory or bucket that is not there is unreachable, and not made. */
  readonly make?: boolean;
}

/** Beyond its quota a partition is waited for no longer: a client's own patience is an SDK's few tries. */
const quotaWaitMsMax = 5 * secondMs;

export interface OpenedPartition {
  readonly partition: Partition;
  readonly health: PartitionHealth;
  /** Never rejects: what cannot be reached is said and tried again. */
  readonly mounted: Promise<void>;
}

/** One that was made at run time was claimed then, so it is only looked for. */
export const openPartition = (
  config: Omit<PartitionConfig, 'duty'> & { readonly pool?: string },
  tools: PartitionTools,
): OpenedPartition =>
  openOne(config, () => mount(config, config.pool === undefined ? tools : { ...tools, make: false }), tools);

/** Each must have been claimed as the partition that it is a copy of: its marker came with the packs. */
export async function openReplicas(
  configs: readonly ReplicaConfig[],
  tools: PartitionTools,
): Promise<readonly Replica[]> {
  return await Promise.all(
    configs.map(async (config): Promise<Replica> => {
      const asHome = { ...config, id: config.replicaOf };
      const mountIt = async () => new ReadOnlyPartition(config.id, await mount(asHome, { ...tools, make: false }));
      const { partition, health, mounted } = openOne(config, mountIt, tools);
      await mounted;
      return { of: config.replicaOf, partition, health };
    }),
  );
}

function openOne(
  config: Omit<PartitionConfig, 'duty'>,
  mountIt: () => Promise<Partition>,
  { clock, log, recorder, rations = () => [] }: PartitionTools,
): OpenedPartition {
  const { id } = config;
  const mounted = new MountedPartition(id, mountIt, clock);
  const tried = mounted.mount().then(
    () => {},
    (error: Error) =>
      log.error({ partition: id, message: error.message }, 'partition not reachable; it is tried again'),
  );
  const own = rations(config);
  const health = new PartitionHealth(grantedBy(own, clock));
  const held = limited(mounted, own, clock);
  const partition = new MeasuredPartition(new WatchedPartition(held, health, clock), recorder, clock);
  return { partition, health, mounted: tried };
}

const oneRead: Want = { kind: 'read', ops: 1, bytes: 0 };

/** The least of what its own quota and that of its domain grant. */
function grantedBy(rations: readonly Ration[], clock: Clock): Granted {
  const least = (all: readonly (number | undefined)[]): number | undefined => {
    const known = all.filter((each) => each !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  };
  return {
    concurrency: least(rations.map(({ concurrency }) => concurrency)),
    readOps: least(rations.map(({ readOps }) => readOps)),
    backlogMs: () => Math.max(0, ...rations.map((each) => each.backlogMs(oneRead, clock.monotonicMs()))),
  };
}

function limited(partition: Partition, rations: readonly Ration[], clock: Clock): Partition {
  return rations.length === 0
    ? partition
    : new LimitedPartition(partition, { rations, clock, waitMsMax: quotaWaitMsMax });
}

export async function mount(
  config: Omit<PartitionConfig, 'duty'>,
  tools: Pick<PartitionTools, 'clock' | 'random' | 'make'>,
): Promise<Partition> {
  const { clock, random, make = true } = tools;
  const { id, directory, s3 } = config;
  if (directory !== undefined) {
    const partition = await DirectoryPartition.mount({ id, directory, clock, random, create: make });
    // Out of descriptors for a moment, say. The S3 adapter tries again by itself.
    return new RetriedPartition(partition, { policy: usualRetries, clock, random });
  }
  if (s3 === undefined) throw new Error(`partition ${id} has neither directory nor bucket`);
  const partition = await openBucket(id, s3, tools);
  try {
    await partition.ensureBucket(make && s3.createBucket, make);
  } catch (error) {
    await partition.close();
    throw error;
  }
  return partition;
}

/** Nobody is asked yet. */
export async function openBucket(
  id: PartitionId,
  { credentials, createBucket: _createBucket, ca, ...backend }: S3Backend,
  { clock, random }: Pick<PartitionTools, 'clock' | 'random'>,
): Promise<S3Partition> {
  // Its clients cost start time and memory: only for those who have such partitions.
  const { S3Partition } = await import('../partition/adapters/s3-partition.ts');
  const own = ca === undefined ? {} : { ca: readFileSync(ca, 'utf8') };
  return new S3Partition({ id, ...backend, ...credentials, ...own, clock, random });
}
