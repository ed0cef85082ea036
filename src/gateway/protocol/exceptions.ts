// What AWS's model cannot say, once: everything in the protocol that is decided by name stands here.
import type { OperationModel } from './model.ts';

/** On the wire ListDirectoryBuckets is ListBuckets; only its own host tells them apart. */
export const directoryBucketsHost = 's3express-control';

/** Matched by its path alone: the model binds its route to a host of its own. */
export const getObjectResponsePath = '/WriteGetObjectResponse';

/** Not matched by the rules of the model. */
export const matchedApart: ReadonlySet<string> = new Set(['ListDirectoryBuckets', 'WriteGetObjectResponse']);

/** The output's only member is the text of the root element itself. */
export const isUnwrapped = (model: OperationModel): boolean => model.name === 'GetBucketLocation';

/** The SDK's name of a header that it parses twice. */
export const headerAliases: Readonly<Record<string, string>> = { expiresstring: 'expires' };

/**
 * Dates that are not dates do no harm here: RFC 9110 §13.1 wants such conditions ignored, and S3 passes any text on as Expires.
 */
export const lenientDateHeaders: ReadonlySet<string> = new Set([
  'expires',
  'if-modified-since',
  'if-unmodified-since',
  'response-expires',
]);

/** `x-amz-` headers that any request may carry: signing, SDK bookkeeping, and what the body reader checks. */
export const commonAmzHeaders: ReadonlySet<string> = new Set([
  'x-amz-cf-id',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-decoded-content-length',
  'x-amz-expected-bucket-owner',
  'x-amz-id-2',
  'x-amz-request-id',
  'x-amz-request-payer',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-security-token',
  'x-amz-te',
  'x-amz-trailer',
  'x-amz-user-agent',
]);

/** Checksums that the body reader verifies on any request that has a body. */
export const bodyChecksumHeaders: ReadonlySet<string> = new Set([
  'x-amz-checksum-crc32',
  'x-amz-checksum-crc32c',
  'x-amz-checksum-crc64nvme',
  'x-amz-checksum-sha1',
  'x-amz-checksum-sha256',
]);

/**
 * Query keys of a presigned URL that are not headers in disguise: its signature, and the checksum of an empty body that SDKs put into
 * URLs for bodies which they do not know yet. S3 does not look at that one either.
 */
export const isPresignKey = (name: string): boolean =>
  presignKeys.has(name) || name.startsWith('x-amz-checksum-') || name === 'x-amz-sdk-checksum-algorithm';

const presignKeys: ReadonlySet<string> = new Set([
  'x-amz-algorithm',
  'x-amz-content-sha256',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-signedheaders',
]);
