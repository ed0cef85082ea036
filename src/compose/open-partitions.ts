// The configured partitions as ports: the adapter each names, counted and timed; what cannot be reached at start is tried again later.
import { readFileSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { secondMs } from '../base/units.ts';
import type { PartitionConfig, ReplicaConfig, S3Backend } from '../config/config.ts';
import type { PartitionId } from '../model/ids.ts';
import type { Replica } from '../objects/copies.ts';
import type { Seat, SeatMap } from '../objects/seats.ts';
import { DirectoryPartition } from '../partition/adapters/directory-partition.ts';
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

export interface PartitionTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly recorder: PartitionRecorder;
  /** What this process may take of the quotas; without them nothing is limited. */
  readonly rations?: ReadonlyMap<PartitionId, readonly Ration[]>;
  /** False: a directory or bucket that is not there is unreachable, and not made. */
  readonly make?: boolean;
}

export interface OpenPartitions {
  readonly seats: SeatMap;
  close(): Promise<void>;
}

/** Beyond its quota a partition is waited for no longer: a client's own patience is an SDK's few tries. */
const quotaWaitMsMax = 5 * secondMs;

export async function openPartitions(
  configs: readonly PartitionConfig[],
  tools: PartitionTools,
): Promise<OpenPartitions> {
  const opened = await Promise.all(
    configs.map(async (config): Promise<readonly [PartitionId, Seat]> => {
      const seat: Seat = {
        ...(await openOne(config, () => mount(config, tools), tools)),
        capacityWeight: config.capacityBytes ?? 1,
        failureDomain: config.failureDomain,
        online: () => config.duty === 'online',
      };
      return [config.id, seat];
    }),
  );
  const seats = new Map(evenWeights(opened, configs));
  return {
    seats,
    async close() {
      await Promise.all([...seats.values()].map(({ partition }) => partition.close()));
    },
  };
}

/** Each must have been claimed as the partition that it is a copy of: its marker came with the packs. */
export async function openReplicas(
  configs: readonly ReplicaConfig[],
  tools: PartitionTools,
): Promise<readonly Replica[]> {
  return await Promise.all(
    configs.map(async (config): Promise<Replica> => {
      const asHome = { ...config, id: config.replicaOf };
      const mountIt = async () => new ReadOnlyPartition(config.id, await mount(asHome, { ...tools, make: false }));
      const { partition, health } = await openOne(config, mountIt, tools);
      return { of: config.replicaOf, partition, health };
    }),
  );
}

async function openOne(
  { id }: PartitionConfig,
  mountIt: () => Promise<Partition>,
  { clock, log, recorder, rations }: PartitionTools,
): Promise<{ readonly partition: Partition; readonly health: PartitionHealth }> {
  const mounted = new MountedPartition(id, mountIt, clock);
  await mounted.mount().catch((error: Error) => {
    log.error({ partition: id, message: error.message }, 'partition not reachable; it is tried again');
  });
  const held = limited(mounted, rations?.get(id), clock);
  const health = new PartitionHealth(grantedBy(rations?.get(id), clock));
  return { partition: new MeasuredPartition(new WatchedPartition(held, health, clock), recorder, clock), health };
}

const oneRead: Want = { kind: 'read', ops: 1, bytes: 0 };

/** The least of what its own quota and that of its domain grant. */
function grantedBy(rations: readonly Ration[] = [], clock: Clock): Granted {
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

function limited(partition: Partition, rations: readonly Ration[] | undefined, clock: Clock): Partition {
  return rations === undefined || rations.length === 0
    ? partition
    : new LimitedPartition(partition, { rations, clock, waitMsMax: quotaWaitMsMax });
}

/** Capacities count only where all partitions state one; bytes and ones do not mix. */
function evenWeights(seats: readonly (readonly [PartitionId, Seat])[], configs: readonly PartitionConfig[]) {
  const stated = configs.every((config) => config.capacityBytes !== undefined);
  return stated ? seats : seats.map(([id, seat]) => [id, { ...seat, capacityWeight: 1 }] as const);
}

async function mount(config: PartitionConfig, tools: PartitionTools): Promise<Partition> {
  const { clock, random, make = true } = tools;
  const { id, directory, s3 } = config;
  if (directory !== undefined) {
    const partition = await DirectoryPartition.mount({ id, directory, clock, random, create: make });
    // Out of descriptors for a moment, say. The S3 adapter tries again by itself.
    return new RetriedPartition(partition, { policy: usualRetries, clock, random });
  }
  if (s3 === undefined) throw new Error(`partition ${id} has neither directory nor bucket`);
  // Its clients cost start time and memory: only for those who have such partitions.
  const { S3Partition } = await import('../partition/adapters/s3-partition.ts');
  const partition = new S3Partition({ id, ...backendOptions(s3), clock, random });
  await partition.ensureBucket(make && s3.createBucket, make);
  return partition;
}

function backendOptions({ credentials, createBucket: _createBucket, ca, ...backend }: S3Backend) {
  return { ...backend, ...credentials, ...(ca === undefined ? {} : { ca: readFileSync(ca, 'utf8') }) };
}
