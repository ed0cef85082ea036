// What a backend's refusal or a broken connection means: first as the backend said it, then as a house fault.
import { Fault } from '../../base/fault.ts';
import { secondMs } from '../../base/units.ts';
import type { PackId, PartitionId } from '../../model/ids.ts';

/** One failed exchange. `status` is 0 where no answer came. */
export class S3Failure extends Error {
  override readonly name = 'S3Failure';
  readonly status: number;
  readonly code: string;
  readonly retryAfterMs: number;
  constructor(status: number, code: string, message: string, retryAfterMs = 0, options?: ErrorOptions) {
    super(`${status === 0 ? '' : `${status} `}${code}: ${message}`, options);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Told to slow down, or told that somebody else is at it: the same request may do later. */
const busyCodes = new Set([
  'SlowDown',
  'ServiceUnavailable',
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TooManyRequests',
  'RequestTimeout',
  'OperationAborted',
  'ConditionalRequestConflict',
]);
const fullCodes = new Set(['QuotaExceeded', 'InsufficientCapacity', 'XMinioStorageFull', 'InsufficientStorage']);
/** The bytes were bent on the way, or a clock was off (and is followed by now): the request itself is right. */
const bentCodes = new Set([
  'RequestTimeTooSkewed',
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'XAmzContentChecksumMismatch',
  'IncompleteBody',
]);

const isBusy = ({ status, code }: S3Failure): boolean => status === 503 || status === 429 || busyCodes.has(code);
const isFull = ({ status, code }: S3Failure): boolean => status === 507 || fullCodes.has(code);

export const isRetryable = (failure: S3Failure): boolean =>
  !isFull(failure) &&
  (failure.status === 0 ||
    isBusy(failure) ||
    bentCodes.has(failure.code) ||
    (failure.status >= 500 && failure.status !== 501));

/** A pack's own 404 is the pack's; a missing bucket, or a refusal, is the partition's. */
export function s3Fault(error: unknown, partition: PartitionId, pack?: PackId): unknown {
  if (!(error instanceof S3Failure)) return error;
  const cause = { cause: error };
  if (error.status === 404 && error.code !== 'NoSuchBucket' && pack !== undefined)
    return new Fault({ kind: 'pack-missing', partition, pack }, cause);
  if (isFull(error)) return new Fault({ kind: 'partition-full', partition }, cause);
  if (isBusy(error)) {
    const { retryAfterMs } = error;
    return new Fault({ kind: 'partition-busy', partition, ...(retryAfterMs > 0 ? { retryAfterMs } : {}) }, cause);
  }
  return new Fault({ kind: 'partition-down', partition, message: error.message }, cause);
}

/** What everybody who still waits for an aborted pack is told. */
export const abortedPack = (partition: PartitionId): Fault =>
  new Fault({ kind: 'partition-down', partition, message: 'the pack was aborted' });

const field = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]{1,500})</${name}>`).exec(xml)?.[1];

/** From an error answer; `xml` may be empty (HEAD) or not XML at all (a proxy's page). */
export function failureOfAnswer(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  xml: string,
): S3Failure {
  const code = field(xml, 'Code') ?? (status === 404 ? 'NotFound' : `Status${status}`);
  const message = field(xml, 'Message') ?? 'no message';
  const retryAfterSec = Number(headers['retry-after'] ?? 0);
  return new S3Failure(status, code, message, retryAfterSec > 0 ? retryAfterSec * secondMs : 0);
}

/** From an error of the connection or of the HTTP client. */
export function failureOfConnection(error: unknown): S3Failure {
  if (error instanceof S3Failure) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'ConnectionError';
  return new S3Failure(0, code, error instanceof Error ? error.message : String(error), 0, { cause: error });
}
