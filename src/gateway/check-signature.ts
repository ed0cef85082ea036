// Recomputes a request's signature and compares it in constant time. A client's request reaches us re-spelt by libraries and proxies,
// so a bounded list of readings is tried; all of them mean the same request to us, none of them widens what was signed.
import { timingSafeEqual } from 'node:crypto';
import {
  canonicalRequest,
  type Pair,
  type SigningKey,
  scopeText,
  signatureHex,
  stringToSign,
  uriEncode,
} from '../base/sigv4.ts';
import type { Address } from './address.ts';
import type { SignedMaterial } from './credential.ts';
import { s3Error } from './errors.ts';
import { acceptEncodingCandidates, hostCandidates } from './forwarded.ts';

export interface SignedRequest {
  readonly method: string;
  readonly address: Pick<Address, 'rawPath' | 'path'>;
  /** The peer is one of the operator's proxies (forwarded.ts). */
  readonly fromTrustedProxy?: boolean;
}

/** Received values by lower-case name, latin-1; repeated ones joined by commas in order. */
export type Headers = ReadonlyMap<string, string>;

/** Throws SignatureDoesNotMatch with what was hashed, so that the client's author can compare. */
export function checkSignature(
  request: SignedRequest,
  headers: Headers,
  material: SignedMaterial,
  amzDate: string,
  key: SigningKey,
  query: readonly Pair[],
  payloadHashes: readonly string[],
): void {
  refuseUnsignedHeaders(headers, material.signedHeaders);
  const scope = scopeText(material.credential.scope);
  const provided = Buffer.from(material.signature, 'latin1');
  let firstTried: { canonical: string; toSign: string } | undefined;
  const { method } = request;
  const { signedHeaders } = material;
  const matches = (path: string, texts: Headers): boolean => {
    for (const payloadHash of payloadHashes) {
      const canonical = canonicalRequest({ method, path, query, headers: texts, signedHeaders, payloadHash });
      const toSign = stringToSign(amzDate, scope, canonical);
      const expected = Buffer.from(signatureHex(key, toSign), 'latin1');
      // Lengths first: timingSafeEqual throws on unequal ones.
      if (provided.length === expected.length && timingSafeEqual(provided, expected)) return true;
      firstTried ??= { canonical, toSign };
    }
    return false;
  };
  // As it came: the other readings are only drawn up for the few who need them.
  const encoded = uriEncode(request.address.path, true);
  if (request.fromTrustedProxy !== true && matches(encoded, headers)) return;
  for (const { path, headers: texts } of variants(request, encoded, headers, signedHeaders)) {
    if (matches(path, texts)) return;
  }
  const { canonical, toSign } = firstTried!;
  throw s3Error('SignatureDoesNotMatch', {
    extra: {
      AWSAccessKeyId: material.credential.accessKey,
      StringToSign: toSign,
      SignatureProvided: material.signature,
      StringToSignBytes: hexBytes(toSign),
      CanonicalRequest: canonical,
      CanonicalRequestBytes: hexBytes(canonical),
    },
  });
}

/** Host and every `x-amz-*` header must be signed, so that nobody adds an ACL or a copy source to another's request. */
function refuseUnsignedHeaders(headers: Headers, signedHeaders: readonly string[]): void {
  const missing: string[] = [];
  if (!signedHeaders.includes('host')) missing.push('host');
  for (const name of headers.keys()) {
    if (name.startsWith('x-amz-') && name !== 'x-amz-content-sha256' && !signedHeaders.includes(name))
      missing.push(name);
  }
  if (missing.length === 0) return;
  throw s3Error('AccessDenied', {
    message: 'There were headers present in the request which were not signed',
    extra: { HeadersNotSigned: missing.join(', ') },
  });
}

interface Variant {
  readonly path: string;
  readonly headers: Headers;
}

/**
 * Readings of one request that an honest client may have signed, likeliest first; all of them mean the same to us. Clients differ in
 * what they leave unencoded in a path and in the bytes of non-ASCII headers; proxies rewrite Host and Accept-Encoding.
 */
function* variants(
  request: SignedRequest,
  encoded: string,
  headers: Headers,
  signedHeaders: readonly string[],
): Generator<Variant> {
  const proxied = request.fromTrustedProxy === true;
  const paths = encoded === request.address.rawPath ? [encoded] : [encoded, request.address.rawPath];
  const hosts = hostCandidates(headers, proxied);
  const signsEncoding = signedHeaders.includes('accept-encoding');
  for (const texts of headerTexts(headers, signedHeaders)) {
    const encodings = signsEncoding ? acceptEncodingCandidates(texts, proxied) : [''];
    for (const host of hosts) {
      for (const encoding of encodings) {
        texts.set('host', host);
        if (signsEncoding) texts.set('accept-encoding', encoding);
        for (const path of paths) yield { path, headers: texts };
      }
    }
  }
}

/** Header bytes as text: UTF-8 where they are UTF-8, else latin-1; then all latin-1, for clients that sign the text and send latin-1. */
function* headerTexts(headers: Headers, signedHeaders: readonly string[]): Generator<Map<string, string>> {
  const latin = new Map<string, string>();
  const mixed = new Map<string, string>();
  let differ = false;
  for (const name of signedHeaders) {
    const value = headers.get(name);
    if (value === undefined) continue;
    const text = /[\x80-\xff]/.test(value) ? utf8Text(value) : value;
    differ ||= text !== value;
    latin.set(name, value);
    mixed.set(name, text);
  }
  yield mixed;
  if (differ) yield latin;
}

/** Header bytes read as UTF-8, where they are. */
export function utf8Text(latin: string): string {
  const bytes = Buffer.from(latin, 'latin1');
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? latin : text;
}

export const hexBytes = (text: string): string =>
  Buffer.from(text, 'utf8')
    .toString('hex')
    .replace(/..(?=.)/g, '$& ');
