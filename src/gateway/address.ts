// What a request line names: bucket, key and query, read from the raw bytes. Never `new URL` (it resolves `..`), decoded exactly once,
// and the same decoder reads x-amz-copy-source, so that no check ever sees another name than the store does.
import { caps } from '../base/caps.ts';
import { isAddressableBucketName } from './bucket-name.ts';
import { s3Error } from './errors.ts';
import { decodePath, decodeQueryPart } from './percent.ts';

export interface Address {
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** As received, without scheme and authority. */
  readonly rawPath: string;
  /** As received, without `?`; empty when there is none. */
  readonly rawQuery: string;
  /** The decoded path, for the canonical request. */
  readonly path: string;
  /** Decoded pairs in order; a name without `=` has the value ''. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly virtualHost: boolean;
}

export { isValidBucketName } from './bucket-name.ts';

export interface AddressOptions {
  /** Base domains whose sub-domains are buckets: `s3.example.com`, `localhost`. */
  readonly domains: readonly string[];
}

/**
 * @param rawUrl the request target as received, latin-1 bytes (`req.url`)
 * @param hostHeader the Host header, or X-Forwarded-Host from a trusted proxy
 */
export function parseAddress(rawUrl: string, hostHeader: string | undefined, options: AddressOptions): Address {
  const target = originForm(rawUrl, hostHeader);
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const rawQuery = mark < 0 ? '' : target.slice(mark + 1);
  if (!rawPath.startsWith('/')) throw s3Error('InvalidURI');
  const path = decodePath(rawPath);
  const query = parseQuery(rawQuery);
  const hostBucket = bucketOfHost(hostHeader, options.domains);
  const virtualHost = hostBucket !== undefined;
  let bucket = hostBucket;
  let key = virtualHost ? path.slice(1) : '';
  if (!virtualHost && rawPath !== '/') {
    // Split before decoding: an encoded slash is part of the name that it stands in.
    const slash = rawPath.indexOf('/', 1);
    bucket = decodePath(slash < 0 ? rawPath.slice(1) : rawPath.slice(1, slash));
    if (slash >= 0) key = decodePath(rawPath.slice(slash + 1));
  }
  if (bucket !== undefined && !isAddressableBucketName(bucket)) {
    throw s3Error('InvalidBucketName', { extra: { BucketName: bucket } });
  }
  checkKeyLength(key);
  return { bucket, key: key === '' ? undefined : key, rawPath, rawQuery, path, query, virtualHost };
}

/** Keys are at most 1,024 bytes of UTF-8. */
export function checkKeyLength(key: string): void {
  if (key.length * 3 <= caps.keyBytesMax) return;
  const size = Buffer.byteLength(key, 'utf8');
  if (size > caps.keyBytesMax) {
    throw s3Error('KeyTooLongError', { extra: { Size: `${size}`, MaxSizeAllowed: `${caps.keyBytesMax}` } });
  }
}

/** Absolute form (`GET http://host/path`) loses its authority, which must be the Host header's. */
function originForm(rawUrl: string, hostHeader: string | undefined): string {
  if (rawUrl.startsWith('/')) return rawUrl;
  const absolute = /^https?:\/\/([^/?]*)/i.exec(rawUrl);
  if (!absolute) return rawUrl;
  if (absolute[1]!.toLowerCase() !== (hostHeader ?? '').toLowerCase()) throw s3Error('InvalidURI');
  const rest = rawUrl.slice(absolute[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function parseQuery(rawQuery: string): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  if (rawQuery === '') return pairs;
  for (const part of rawQuery.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    pairs.push(
      equals < 0
        ? [decodeQueryPart(part), '']
        : [decodeQueryPart(part.slice(0, equals)), decodeQueryPart(part.slice(equals + 1))],
    );
  }
  return pairs;
}

/** The bucket that a Host header names; ports and case do not count, addresses never name one. */
export function bucketOfHost(hostHeader: string | undefined, domains: readonly string[]): string | undefined {
  if (hostHeader === undefined) return undefined;
  // Clients ask one host again and again.
  if (lastHost?.header !== hostHeader || lastHost.domains !== domains) {
    lastHost = { header: hostHeader, domains, bucket: readBucketOfHost(hostHeader, domains) };
  }
  return lastHost.bucket;
}

let lastHost: { header: string; domains: readonly string[]; bucket: string | undefined } | undefined;

function readBucketOfHost(hostHeader: string, domains: readonly string[]): string | undefined {
  const host = hostHeader.trim().toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  if (host.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(host)) return undefined;
  let found: string | undefined;
  for (const domain of domains) {
    const base = domain.toLowerCase();
    if (host === base) return undefined;
    // The longest domain wins, so its remainder is the shortest.
    if (host.endsWith(`.${base}`)) {
      const bucket = host.slice(0, -base.length - 1);
      if (found === undefined || bucket.length < found.length) found = bucket;
    }
  }
  return found;
}

export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

/**
 * `x-amz-copy-source`: `[/]bucket/key[?versionId=id]`, the key percent-encoded once. The header's `?versionId=` is split off before the
 * key is decoded, so an encoded question mark stays in the key; a raw one without versionId is part of it too.
 */
export function parseCopySource(header: string): CopySource {
  const source = header.startsWith('/') ? header.slice(1) : header;
  const mark = source.lastIndexOf('?versionId=');
  const rawName = mark < 0 ? source : source.slice(0, mark);
  const versionId = mark < 0 ? undefined : decodeCopySource(source.slice(mark + '?versionId='.length), header);
  // Some clients encode the slash between bucket and key as well.
  const name = rawName.includes('/') ? rawName : rawName.replace(/%2f/i, '/');
  const slash = name.indexOf('/');
  if (slash <= 0 || slash === name.length - 1 || versionId === '') {
    throw badCopySource(header, 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  }
  const bucket = decodeCopySource(name.slice(0, slash), header);
  const key = decodeCopySource(name.slice(slash + 1), header);
  if (!isAddressableBucketName(bucket)) throw badCopySource(header, 'Invalid copy source bucket name');
  checkKeyLength(key);
  return versionId === undefined ? { bucket, key } : { bucket, key, versionId };
}

/** What breaks the request line is an argument here. */
function decodeCopySource(raw: string, header: string): string {
  try {
    return decodePath(raw);
  } catch (cause) {
    throw badCopySource(header, 'Invalid copy source encoding', cause);
  }
}

const badCopySource = (header: string, message: string, cause?: unknown) =>
  s3Error('InvalidArgument', {
    message,
    extra: { ArgumentName: 'x-amz-copy-source', ArgumentValue: header },
    ...(cause !== undefined && { cause }),
  });
