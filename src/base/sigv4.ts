// AWS Signature Version 4: the arithmetic alone, shared by the verifier (gateway) and by the signer towards S3 backends (partition).
// Pure: nothing here reads a clock or decides what is acceptable.
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

export const algorithm = 'AWS4-HMAC-SHA256';
export const terminator = 'aws4_request';
export const unsignedPayload = 'UNSIGNED-PAYLOAD';
export const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export type Pair = readonly [name: string, value: string];

/** Credential scope. `date` is `YYYYMMDD`. */
export interface Scope {
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

export const scopeText = (scope: Scope): string => `${scope.date}/${scope.region}/${scope.service}/${terminator}`;

/** `YYYYMMDDTHHMMSSZ`. */
export const amzDateOf = (wallMs: number): string =>
  `${new Date(wallMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

export const sha256Hex = (data: string | Uint8Array): string => hash('sha256', data, 'hex');

const hmac = (key: string | Uint8Array, text: string): Buffer =>
  createHmac('sha256', key).update(text, 'utf8').digest();

export function deriveSigningKey(secret: string, date: string, region: string, service: string): Buffer {
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), terminator);
}

/** As bytes, or as the object that createSigningKeys makes of them. */
export type SigningKey = Uint8Array | KeyObject;

export const signatureHex = (key: SigningKey, text: string): string =>
  createHmac('sha256', key).update(text, 'utf8').digest('hex');

/** Percent-encodes every byte of the UTF-8 text but the unreserved ones (and `/` when `keepSlash`). */
export function uriEncode(text: string, keepSlash = false): string {
  if (plain.test(text)) return text;
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) encoded += keepSlash && byte === 0x2f ? '/' : encodedByte[byte];
  return encoded;
}

const plain = /^[A-Za-z0-9\-._~]*$/;

const encodedByte: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** The canonical query of decoded pairs: encoded, then sorted by encoded name and value. S3 sorts bytes, as JS does for ASCII. */
export function canonicalQuery(query: readonly Pair[]): string {
  const encoded = query.map(([name, value]) => [uriEncode(name), uriEncode(value)] as const);
  encoded.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
  return encoded.map(([name, value]) => `${name}=${value}`).join('&');
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A header value as SigV4 wants it: trimmed, runs of blanks made one. */
export const canonicalValue = (value: string): string =>
  hasBlanks.test(value) ? value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '') : value;

const hasBlanks = /[ \t]/;

export interface CanonicalParts {
  readonly method: string;
  /** Encoded once; `/` for the root. S3 neither normalises nor encodes twice. */
  readonly path: string;
  /** Decoded pairs, without X-Amz-Signature. */
  readonly query: readonly Pair[];
  /** Values by lower-case name; a name that occurs several times gives its values in order, joined by commas. */
  readonly headers: Readonly<Record<string, string>> | ReadonlyMap<string, string>;
  /** Lower-case names, sorted. */
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
}

export function canonicalRequest(parts: CanonicalParts): string {
  const { headers } = parts;
  const lookUp = (name: string): string | undefined =>
    headers instanceof Map ? headers.get(name) : (headers as Readonly<Record<string, string>>)[name];
  const lines = parts.signedHeaders.map((name) => `${name}:${canonicalValue(lookUp(name) ?? '')}\n`).join('');
  return `${parts.method}\n${parts.path}\n${canonicalQuery(parts.query)}\n${lines}\n${parts.signedHeaders.join(';')}\n${parts.payloadHash}`;
}

/** `scope` as text: `20261122/us-east-1/s3/aws4_request`. */
export const stringToSign = (amzDate: string, scope: string, canonical: string): string =>
  `${algorithm}\n${amzDate}\n${scope}\n${sha256Hex(canonical)}`;

/** Signing keys by access key and scope: four HMACs saved per request. The secret stands in the entry, so a changed one is never served stale. */
export interface SigningKeys {
  get(accessKey: string, secret: string, scope: Scope): KeyObject;
}

export function createSigningKeys(entriesMax = 4096): SigningKeys {
  const entries = new Map<string, { secret: string; key: KeyObject }>();
  return {
    get(accessKey, secret, scope) {
      const name = `${accessKey}\n${scopeText(scope)}`;
      const found = entries.get(name);
      if (found?.secret === secret) {
        // Re-inserted, so that the map's order is the order of last use.
        entries.delete(name);
        entries.set(name, found);
        return found.key;
      }
      // A key object: its bytes are not copied again for every signature.
      const key = createSecretKey(deriveSigningKey(secret, scope.date, scope.region, scope.service));
      entries.delete(name);
      if (entries.size >= entriesMax) entries.delete(entries.keys().next().value!);
      entries.set(name, { secret, key });
      return key;
    },
  };
}
