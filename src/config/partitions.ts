// Users and partitions as the rest of the house receives them, made from what the file says.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { User } from '../model/identity.ts';
import type { Env } from './read-file.ts';
import type { FileCapacityDomain, FilePartition, FileUser } from './schema.ts';

export interface ConfiguredUser extends User {
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface BackendCredentials {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
}

export interface S3Backend {
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix?: string;
  readonly region: string;
  readonly credentials: BackendCredentials;
  readonly pathStyle: boolean;
  /** Create the bucket at start if it is missing. */
  readonly createBucket: boolean;
  /** What the backend can and cannot do, where it differs from AWS. */
  readonly writeOnce?: 'condition' | 'head' | 'trust';
  readonly checksum?: 'crc32c' | 'md5' | 'none';
  readonly trailers?: boolean;
  readonly batchDelete?: boolean;
  /** File with the certificate of a private authority. */
  readonly ca?: string;
}

export interface PartitionQuota {
  readonly readOps?: number;
  readonly writeOps?: number;
  readonly readBytesPerSec?: number;
  readonly writeBytesPerSec?: number;
  /** Operations under way at a moment. */
  readonly concurrency?: number;
}

/** What partitions of one capacity domain may do together. */
export interface CapacityDomainConfig {
  readonly id: string;
  readonly quota: PartitionQuota;
}

export interface PartitionConfig {
  readonly id: string;
  readonly directory?: string;
  readonly s3?: S3Backend;
  readonly capacityBytes?: number;
  readonly capacityDomain: string;
  readonly failureDomain: string;
  readonly quota?: PartitionQuota;
  /** What p99 of its operations should be at most: above it, it counts as under pressure. */
  readonly latencyTargetMs?: number;
  readonly duty: 'online' | 'draining' | 'offline';
}

/** A copy of a partition that its backend keeps by itself (bucket replication, a mirrored volume): only read. */
export interface ReplicaConfig extends PartitionConfig {
  readonly replicaOf: string;
}

/** Made from the name alone: who changes a key keeps what he owns. */
export const canonicalIdOf = (name: string): string =>
  createHash('sha256').update(`echogate user ${name}`).digest('hex');

export function userOf(user: FileUser & { secretKey: string }): ConfiguredUser {
  return {
    name: user.name,
    accessKey: user.accessKey,
    secretKey: user.secretKey,
    canonicalId: user.canonicalId ?? canonicalIdOf(user.name),
    displayName: user.displayName ?? user.name,
    ...(user.email === undefined ? {} : { email: user.email }),
  };
}

export type Report = (key: string, message: string) => void;

/** Empty where it is missing: cross-check.ts says so. */
export function secretOf(user: FileUser, key: string, report: Report): string {
  if (user.secretKey !== undefined || user.secretKeyFile === undefined) return user.secretKey ?? '';
  try {
    return readFileSync(user.secretKeyFile, 'utf8').trim();
  } catch (error) {
    report(`${key}.secretKeyFile`, `cannot be read: ${(error as Error).message}`);
    return '';
  }
}

export function partitionOf(partition: FilePartition, key: string, env: Env, report: Report): PartitionConfig {
  const domain = partition.capacityDomain ?? (partition.directory === undefined ? partition.id : 'disk0');
  const credentials =
    partition.s3 === undefined
      ? undefined
      : backendCredentials(
          `ECHOGATE_PARTITION_${partition.id.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`,
          (partition.s3.credentials ?? 'env') as 'env' | BackendCredentials,
          `${key}.s3.credentials`,
          env,
          report,
        );
  const { directory, capacity, quota, latencyTarget, s3 } = partition;
  return {
    id: partition.id,
    ...(directory === undefined ? {} : { directory }),
    ...(s3 === undefined || credentials === undefined
      ? {}
      : {
          s3: {
            ...withoutUndefined(s3),
            endpoint: s3.endpoint,
            bucket: s3.bucket,
            region: s3.region ?? 'us-east-1',
            credentials,
            pathStyle: s3.pathStyle ?? true,
            createBucket: s3.createBucket ?? false,
          },
        }),
    ...(capacity === undefined ? {} : { capacityBytes: capacity }),
    capacityDomain: domain,
    failureDomain: partition.failureDomain ?? domain,
    ...(quota === undefined ? {} : { quota: quota as PartitionQuota }),
    ...(latencyTarget === undefined ? {} : { latencyTargetMs: latencyTarget }),
    duty: partition.duty ?? 'online',
  };
}

export const domainOf = ({ id, quota }: FileCapacityDomain): CapacityDomainConfig => ({
  id,
  quota: withoutUndefined(quota),
});

const withoutUndefined = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;

/** `env`: AWS_ACCESS_KEY_ID …, or one's own per partition or pool: ECHOGATE_PARTITION_P2_ACCESS_KEY, …_SECRET_KEY. */
export function backendCredentials(
  own: string,
  given: 'env' | BackendCredentials,
  key: string,
  env: Env,
  report: Report,
): BackendCredentials | undefined {
  if (given !== 'env') return given;
  const accessKey = env[`${own}_ACCESS_KEY`] ?? env.AWS_ACCESS_KEY_ID;
  const secretKey = env[`${own}_SECRET_KEY`] ?? env.AWS_SECRET_ACCESS_KEY;
  const token = env[`${own}_ACCESS_KEY`] === undefined ? env.AWS_SESSION_TOKEN : undefined;
  if (accessKey && secretKey) return { accessKey, secretKey, ...(token ? { sessionToken: token } : {}) };
  report(
    key,
    `are to come from the environment, but neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY nor ${own}_ACCESS_KEY and ${own}_SECRET_KEY are set`,
  );
  return undefined;
}

export const defaultPartitions = (data: string): PartitionConfig[] =>
  ['p1', 'p2', 'p3', 'p4'].map((id) => ({
    id,
    directory: join(data, id),
    capacityDomain: 'disk0',
    failureDomain: 'disk0',
    duty: 'online',
  }));
