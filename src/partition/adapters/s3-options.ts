// What an S3 partition must be told, and the defaults of what it may be told.
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { KiB, MiB, secondMs } from '../../base/units.ts';
import type { PartitionId } from '../../model/ids.ts';
import { type RetryPolicy, usualRetries } from '../backoff.ts';

export interface S3PartitionOptions {
  readonly id: PartitionId;
  /** `https://s3.example.com`, `http://127.0.0.1:9100`; a path in front of the bucket is kept. */
  readonly endpoint: string;
  readonly bucket: string;
  /** In front of every key: `cluster-a/`. */
  readonly prefix?: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
  /** False: the bucket becomes part of the host name. */
  readonly pathStyle?: boolean;
  readonly clock: Clock;
  readonly random: Random;
  /**
   * How the backend keeps a pack from being written twice: `condition` = If-None-Match, `head` = a look before the PUT (for
   * backends without conditional writes), `trust` = the ids are random, so do without.
   */
  readonly writeOnce?: 'condition' | 'head' | 'trust';
  /** What the backend checks on arrival. `none` only where it refuses both. */
  readonly checksum?: 'crc32c' | 'md5' | 'none';
  /** Sign the SHA-256 of every body; default: only where there is no TLS to protect it. */
  readonly signPayload?: boolean;
  /** The backend takes `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: packs of known length are then streamed, not held. */
  readonly trailers?: boolean;
  /** False for backends without DeleteObjects. */
  readonly batchDelete?: boolean;
  readonly connectionsMax?: number;
  readonly connectTimeoutMs?: number;
  /** To the first byte of the answer. */
  readonly headersTimeoutMs?: number;
  /** Between two pieces of an answer's body. */
  readonly idleTimeoutMs?: number;
  readonly retries?: RetryPolicy;
  /** Ranges at most so far apart are fetched in one request. */
  readonly gapBytesMax?: number;
  /** PEM of a private certificate authority. */
  readonly ca?: string;
}

/** With every default filled in. */
export type S3Settings = Required<Omit<S3PartitionOptions, 'sessionToken' | 'ca'>> &
  Pick<S3PartitionOptions, 'sessionToken' | 'ca'>;

export const s3Settings = (options: S3PartitionOptions): S3Settings => ({
  ...options,
  prefix: options.prefix ?? '',
  pathStyle: options.pathStyle ?? true,
  writeOnce: options.writeOnce ?? 'condition',
  checksum: options.checksum ?? 'crc32c',
  signPayload: options.signPayload ?? !options.endpoint.startsWith('https:'),
  trailers: options.trailers ?? false,
  batchDelete: options.batchDelete ?? true,
  connectionsMax: options.connectionsMax ?? 128,
  connectTimeoutMs: options.connectTimeoutMs ?? 3 * secondMs,
  headersTimeoutMs: options.headersTimeoutMs ?? 20 * secondMs,
  idleTimeoutMs: options.idleTimeoutMs ?? 20 * secondMs,
  retries: options.retries ?? usualRetries,
  gapBytesMax: options.gapBytesMax ?? 64 * KiB,
});

/** Beyond it an append is refused: the caller forgot to seal. */
export const s3PackBytesMax = 80 * MiB;
