// House faults → S3 errors, in one exhaustive switch: a new fault kind does not compile until it has an answer here.
import { caps } from '../base/caps.ts';
import { Fault, type HouseFault } from '../base/fault.ts';
import { httpDate } from '../base/http-date.ts';
import { S3Error, s3Error } from './errors.ts';

/** What a translation may depend on besides the fault. */
export interface FaultFacts {
  readonly profile: 'aws' | 'rgw';
  readonly method?: string;
}

const seconds = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1000)));

const versionHeaders = (versionId: string): Record<string, string> => ({
  'x-amz-delete-marker': 'true',
  'x-amz-version-id': versionId,
});

export function fromFault(fault: HouseFault, facts: FaultFacts, cause?: unknown): S3Error {
  switch (fault.kind) {
    case 'bucket-missing':
      return s3Error('NoSuchBucket', { extra: { BucketName: fault.bucket }, cause });
    case 'bucket-exists':
      return s3Error('BucketAlreadyExists', { extra: { BucketName: fault.bucket }, cause });
    case 'bucket-owned':
      return s3Error('BucketAlreadyOwnedByYou', { extra: { BucketName: fault.bucket }, cause });
    case 'bucket-not-empty':
      return s3Error('BucketNotEmpty', { extra: { BucketName: fault.bucket }, cause });
    case 'bucket-limit':
      return s3Error('TooManyBuckets', { cause });

    case 'key-missing': {
      // s3-tests want the header on every miss; AWS sends it only when a marker is what hides the key.
      const headers = fault.deleteMarker
        ? versionHeaders(fault.deleteMarker.versionId)
        : facts.profile === 'rgw'
          ? { 'x-amz-delete-marker': 'false' }
          : undefined;
      return s3Error('NoSuchKey', { extra: { Key: fault.key }, ...(headers && { headers }), cause });
    }
    case 'version-missing':
      return s3Error('NoSuchVersion', { extra: { Key: fault.key, VersionId: fault.versionId }, cause });
    case 'marker-addressed':
      return s3Error('MethodNotAllowed', {
        extra: { Method: facts.method ?? 'GET', ResourceType: 'DeleteMarker' },
        headers: {
          ...versionHeaders(fault.versionId),
          allow: 'DELETE',
          'last-modified': httpDate(fault.modifiedSec * 1000),
        },
        cause,
      });
    case 'precondition-failed':
      return s3Error('PreconditionFailed', { extra: { Condition: fault.condition }, cause });
    case 'not-modified':
      return s3Error('NotModified', {
        headers: {
          etag: `"${fault.etag}"`,
          'last-modified': httpDate(fault.modifiedSec * 1000),
          ...(fault.versionId !== undefined && { 'x-amz-version-id': fault.versionId }),
        },
        cause,
      });
    case 'conditional-conflict':
      return s3Error('ConditionalRequestConflict', { extra: { Key: fault.key }, cause });
    case 'range-unsatisfiable':
      return s3Error('InvalidRange', {
        extra: { RangeRequested: fault.rangeText, ActualObjectSize: String(fault.size) },
        headers: { 'content-range': `bytes */${fault.size}` },
        cause,
      });
    case 'part-number-unsatisfiable':
      return facts.profile === 'rgw'
        ? s3Error('InvalidPart', { extra: { PartNumber: String(fault.partNumber) }, cause })
        : s3Error('InvalidPartNumber', {
            extra: { ActualPartCount: String(fault.partCount), PartNumberRequested: String(fault.partNumber) },
            cause,
          });
    case 'copy-onto-itself':
      return s3Error('InvalidRequest', {
        message:
          "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
        cause,
      });
    case 'copy-source-too-large':
      return s3Error('InvalidRequest', {
        message: `The specified copy source is larger than the maximum allowable size for a copy source: ${fault.sizeMax}`,
        cause,
      });
    case 'copy-range-invalid':
      return facts.profile === 'rgw'
        ? s3Error('InvalidRange', { extra: { ActualObjectSize: String(fault.size) }, cause })
        : s3Error('InvalidArgument', {
            message: `Range specified is not valid for source object of size: ${fault.size}`,
            extra: { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: fault.rangeText },
            cause,
          });

    case 'upload-missing':
      return s3Error('NoSuchUpload', { extra: { UploadId: fault.uploadId }, cause });
    case 'part-invalid':
      return s3Error('InvalidPart', {
        extra: { UploadId: fault.uploadId, PartNumber: String(fault.partNumber) },
        cause,
      });
    case 'part-order':
      return s3Error('InvalidPartOrder', { cause });
    case 'part-too-small':
      return s3Error('EntityTooSmall', {
        extra: {
          ProposedSize: String(fault.size),
          MinSizeAllowed: String(fault.sizeMin),
          PartNumber: String(fault.partNumber),
        },
        cause,
      });
    case 'upload-size-mismatch':
      return s3Error('InvalidRequest', {
        message: "The provided 'x-amz-mp-object-size' header does not match what was computed.",
        cause,
      });
    case 'upload-checksum-mismatch':
      return s3Error('InvalidRequest', { message: fault.message, cause });

    case 'digest-mismatch':
      if (fault.digest === 'x-amz-content-sha256') return s3Error('XAmzContentSHA256Mismatch', { cause });
      return s3Error('BadDigest', {
        message:
          fault.digest === 'content-md5'
            ? 'The Content-MD5 you specified did not match what we received.'
            : `The ${fault.digest} you specified did not match the calculated checksum.`,
        cause,
      });
    case 'body-incomplete':
      return s3Error('IncompleteBody', {
        extra: { NumberBytesExpected: String(fault.expected), NumberBytesProvided: String(fault.received) },
        cause,
      });
    case 'body-too-large':
      return s3Error('EntityTooLarge', { extra: { MaxSizeAllowed: String(fault.sizeMax) }, cause });
    case 'body-too-slow':
      return s3Error('RequestTimeout', {
        message: `The body arrived more slowly than ${caps.bodyRateBytesPerSecMin} bytes per second.`,
        cause,
      });
    case 'chunk-invalid':
      return s3Error('IncompleteBody', { message: fault.message, cause });
    case 'chunk-signature-mismatch':
      return s3Error('SignatureDoesNotMatch', { cause });

    case 'argument-invalid':
      return s3Error('InvalidArgument', {
        message: fault.message,
        extra: { ArgumentName: fault.name, ArgumentValue: fault.value },
        cause,
      });
    case 'request-invalid':
      return s3Error('InvalidRequest', { message: fault.message, cause });

    case 'partition-busy':
      return s3Error('SlowDown', { headers: { 'retry-after': seconds(fault.retryAfterMs ?? 0) }, cause });
    case 'overloaded':
      return s3Error('SlowDown', { headers: { 'retry-after': seconds(fault.retryAfterMs) }, cause });
    case 'partition-down':
    case 'session-fenced':
      return s3Error('ServiceUnavailable', { headers: { 'retry-after': '1' }, cause });
    case 'partition-full':
    case 'space-reserve-reached':
      return s3Error('ServiceUnavailable', {
        message: 'The storage behind this bucket is full: writes are refused until space is freed, deletes are not.',
        headers: { 'retry-after': '30' },
        cause,
      });
    case 'pack-missing':
    case 'pack-exists':
    case 'pack-short':
    case 'block-corrupt':
    case 'catalog-failed':
      return s3Error('InternalError', { cause });
  }
}

/** Whatever was thrown, as the S3 error to answer. Unknown errors become InternalError and keep their cause for the log. */
export function asS3Error(error: unknown, facts: FaultFacts): S3Error {
  if (error instanceof S3Error) return error;
  if (error instanceof Fault) return fromFault(error.fault, facts, error);
  return s3Error('InternalError', { cause: error });
}
