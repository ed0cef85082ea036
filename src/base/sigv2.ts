// AWS Signature Version 2 for S3: the arithmetic alone. Pure: nothing here reads a clock or decides what is acceptable.
import { createHmac } from 'node:crypto';
import type { Pair } from './sigv4.ts';

/**
 * Query keys that the signature covers: AWS's documented list, and those that botocore signs beside it. Every other key may be added to
 * a signed URL by anybody.
 */
export const signedSubresources: ReadonlySet<string> = new Set([
  'accelerate',
  'acl',
  'analytics',
  'cors',
  'defaultObjectAcl',
  'delete',
  'inventory',
  'lifecycle',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'partNumber',
  'policy',
  'replication',
  'requestPayment',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
  'restore',
  'select',
  'select-type',
  'storageClass',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
]);

export interface PartsV2 {
  readonly method: string;
  readonly contentMd5: string;
  readonly contentType: string;
  /** The Date header, empty beside x-amz-date; of a presigned URL its Expires. */
  readonly date: string;
  /** `x-amz-*` values by lower-case name. */
  readonly amzHeaders: ReadonlyMap<string, string>;
  /** `/bucket/key` as the client spelt it, or `/`. */
  readonly path: string;
  /** Decoded pairs; all of them, the covered ones are picked here. */
  readonly query: readonly Pair[];
  /** How a covered key without a value is written: `acl` or `acl=`. */
  readonly emptyValue: '' | '=';
}

export function stringToSignV2(parts: PartsV2): string {
  const { method, contentMd5, contentType, date, path } = parts;
  const headers = [...parts.amzHeaders]
    .sort(([a], [b]) => compare(a, b))
    .map(([name, value]) => `${name}:${value.trim()}\n`)
    .join('');
  const resource = path + resourceQuery(parts.query, parts.emptyValue);
  return `${method}\n${contentMd5}\n${contentType}\n${date}\n${headers}${resource}`;
}

function resourceQuery(query: readonly Pair[], emptyValue: '' | '='): string {
  const covered = query.filter(([name]) => signedSubresources.has(name)).sort(([a], [b]) => compare(a, b));
  if (covered.length === 0) return '';
  return `?${covered.map(([name, value]) => (value === '' ? name + emptyValue : `${name}=${value}`)).join('&')}`;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Base64, 28 characters. */
export const signatureV2 = (secret: string, text: string): string =>
  createHmac('sha1', secret).update(text, 'utf8').digest('base64');
