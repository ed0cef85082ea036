// Pools: places where partitions can be made while the server runs. A partition of a pool is one of the file's partitions in all but that it
// stands in the catalog; how to reach it, and the keys for that, stay in the file.
import {
  backendCredentials,
  type PartitionConfig,
  type PartitionQuota,
  type Report,
  type S3Backend,
} from './partitions.ts';
import type { Env } from './read-file.ts';
import type { FilePool } from './schema.ts';

/** Texts may hold `{n}`, the number of the partition in its pool, and `{id}`, its id. */
export interface PoolConfig {
  readonly name: string;
  readonly directory?: string;
  readonly s3?: S3Backend;
  /** Of each partition. */
  readonly capacityBytes?: number;
  readonly capacityDomain: string;
  readonly failureDomain: string;
  readonly quota?: PartitionQuota;
  readonly latencyTargetMs?: number;
  /** So many partitions at a time. */
  readonly max: number;
}

export function poolOf(pool: FilePool, key: string, env: Env, report: Report): PoolConfig {
  const { name, directory, s3, capacity, quota, latencyTarget } = pool;
  const variables = `ECHOGATE_POOL_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
  const credentials =
    s3 === undefined
      ? undefined
      : backendCredentials(variables, (s3.credentials ?? 'env') as never, `${key}.s3.credentials`, env, report);
  const capacityDomain = pool.capacityDomain ?? (s3 === undefined ? 'disk0' : '{id}');
  return {
    name,
    ...(directory === undefined ? {} : { directory }),
    ...(s3 === undefined || credentials === undefined
      ? {}
      : {
          s3: {
            ...(s3 as Omit<S3Backend, 'credentials' | 'createBucket'>),
            region: s3.region ?? 'us-east-1',
            credentials,
            pathStyle: s3.pathStyle ?? true,
            createBucket: true,
          },
        }),
    ...(capacity === undefined ? {} : { capacityBytes: capacity }),
    capacityDomain,
    failureDomain: pool.failureDomain ?? capacityDomain,
    ...(quota === undefined ? {} : { quota: quota as PartitionQuota }),
    ...(latencyTarget === undefined ? {} : { latencyTargetMs: latencyTarget }),
    max: pool.max ?? 1,
  };
}

export const memberId = (pool: string, n: number): string => `${pool}-${n}`;

/** The n-th partition of a pool, as if it stood in the file. */
export function memberOf(pool: PoolConfig, n: number): PartitionConfig {
  const id = memberId(pool.name, n);
  const { directory, s3, capacityBytes, quota, latencyTargetMs } = pool;
  const filled = (text: string): string => filledIn(text, pool.name, n);
  return {
    id,
    ...(directory === undefined ? {} : { directory: filled(directory) }),
    ...(s3 === undefined ? {} : { s3: { ...s3, bucket: filled(s3.bucket) } }),
    ...(capacityBytes === undefined ? {} : { capacityBytes }),
    capacityDomain: filled(pool.capacityDomain),
    failureDomain: filled(pool.failureDomain),
    ...(quota === undefined ? {} : { quota }),
    ...(latencyTargetMs === undefined ? {} : { latencyTargetMs }),
    duty: 'online',
  };
}

export const filledIn = (template: string, pool: string, n: number): string =>
  template.replaceAll('{n}', String(n)).replaceAll('{id}', memberId(pool, n));
