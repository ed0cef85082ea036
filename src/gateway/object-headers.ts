// An object's attributes between headers and the house, and the headers that GET and HEAD share.
import { caps } from '../base/caps.ts';
import type { Bucket } from '../model/bucket.ts';
import type { ObjectAttributes } from '../model/object.ts';
import type { FoundObject } from '../objects/objects.ts';
import { checksumFields } from './checksum-fields.ts';
import { s3Error } from './errors.ts';
import type { RequestFacts } from './operation.ts';

export const quoted = (etag: string): string => `"${etag}"`;
export const dateOf = (sec: number): Date => new Date(sec * 1000);

/** A bucket that never was versioned does not speak of versions. */
export const shownVersionId = (version: { versionId: string }, bucket: Bucket): string | undefined =>
  bucket.versioning === 'unversioned' ? undefined : version.versionId;

interface AttributeInput {
  CacheControl?: string;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  ContentType?: string;
  Metadata?: Record<string, string>;
  WebsiteRedirectLocation?: string;
}

/** `Expires` is taken from the header itself: S3 keeps whatever text the client sent. */
export function attributesOf(input: AttributeInput, request: Pick<RequestFacts, 'headers'>): ObjectAttributes {
  const metadata = Object.entries(input.Metadata ?? {});
  checkMetadataSize(metadata);
  return {
    contentType: input.ContentType || undefined,
    cacheControl: input.CacheControl,
    contentDisposition: input.ContentDisposition,
    contentEncoding: storedEncoding(input.ContentEncoding),
    contentLanguage: input.ContentLanguage,
    expires: request.headers.expires,
    websiteRedirectLocation: redirectLocation(input.WebsiteRedirectLocation),
    metadata,
  };
}

function checkMetadataSize(metadata: readonly (readonly [string, string])[]): void {
  let size = 0;
  for (const [name, value] of metadata) size += name.length + value.length; // latin-1: one byte per character
  if (size > caps.userMetadataBytesMax) {
    throw s3Error('MetadataTooLarge', {
      extra: { Size: String(size), MaxSizeAllowed: String(caps.userMetadataBytesMax) },
    });
  }
}

/** `aws-chunked` is how the bytes travelled, not what they are; without it the header is kept as it came. */
function storedEncoding(header: string | undefined): string | undefined {
  const tokens = header?.split(',').map((token) => token.trim());
  if (!tokens?.some((token) => token.toLowerCase() === 'aws-chunked')) return header?.trim() || undefined;
  return tokens.filter((token) => token !== '' && token.toLowerCase() !== 'aws-chunked').join(', ') || undefined;
}

function redirectLocation(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (/^(\/|https?:\/\/)/.test(value)) return value;
  throw s3Error('InvalidRedirectLocation');
}

interface ReadInput {
  ChecksumMode?: string;
  PartNumber?: number;
  ResponseCacheControl?: string;
  ResponseContentDisposition?: string;
  ResponseContentEncoding?: string;
  ResponseContentLanguage?: string;
  ResponseContentType?: string;
  ResponseExpires?: unknown;
}

const overrideNames = [
  'ResponseCacheControl',
  'ResponseContentDisposition',
  'ResponseContentEncoding',
  'ResponseContentLanguage',
  'ResponseContentType',
  'ResponseExpires',
] as const;

/** Anyone could otherwise hand out a link that turns somebody's public object into a script. */
export function checkOverrides(input: ReadInput, request: Pick<RequestFacts, 'signed' | 'query'>): void {
  if (request.signed) return;
  if (overrideNames.some((name) => input[name] !== undefined) || expiresOverride(request.query) !== undefined) {
    throw s3Error('InvalidRequest', {
      message: 'Request specific response headers cannot be used for anonymous GET requests.',
    });
  }
}

/** Query text becomes header text: its UTF-8 bytes, one latin-1 character each, as the bound headers are. */
const headerText = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : Buffer.from(text, 'utf8').toString('latin1');

/** `response-expires` as it came: the model would read a date where S3 keeps text. */
function expiresOverride(query: RequestFacts['query']): string | undefined {
  for (const [name, value] of query) if (name === 'response-expires') return headerText(value);
  return undefined;
}

/** Status, headers and selected length of what GET and HEAD found. */
export function foundReply(found: FoundObject, bucket: Bucket, input: ReadInput, request: RequestFacts) {
  const { version, range, partial, part } = found;
  const { attributes } = version;
  const expires = expiresOverride(request.query) ?? attributes.expires;
  // A checksum is of the whole object or of a whole part: a byte range has none.
  const checksums = part?.checksums ?? (partial && input.PartNumber === undefined ? [] : version.checksums);
  return {
    status: partial ? 206 : 200,
    output: {
      AcceptRanges: 'bytes',
      ContentLength: range.end - range.start,
      ContentRange: partial ? `bytes ${range.start}-${range.end - 1}/${version.size}` : undefined,
      LastModified: dateOf(version.modifiedSec),
      ETag: quoted(version.etag),
      VersionId: shownVersionId(version, bucket),
      CacheControl: headerText(input.ResponseCacheControl) ?? attributes.cacheControl,
      ContentDisposition: headerText(input.ResponseContentDisposition) ?? attributes.contentDisposition,
      ContentEncoding: headerText(input.ResponseContentEncoding) ?? attributes.contentEncoding,
      ContentLanguage: headerText(input.ResponseContentLanguage) ?? attributes.contentLanguage,
      ContentType: headerText(input.ResponseContentType) ?? attributes.contentType ?? 'binary/octet-stream',
      ExpiresString: expires,
      WebsiteRedirectLocation: attributes.websiteRedirectLocation,
      Metadata: Object.fromEntries(attributes.metadata),
      TagCount: version.tags.length || undefined,
      PartsCount: input.PartNumber === undefined ? undefined : version.partCount,
      ...(input.ChecksumMode === 'ENABLED' && {
        ...checksumFields(checksums),
        ChecksumType: checksums.length > 0 ? version.checksums[0]?.type : undefined,
      }),
    },
  };
}
