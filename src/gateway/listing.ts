// What all listings share: page limits, the url encoding type, opaque continuation tokens.
import { crc32 } from 'node:zlib';
import type { UserDirectory } from '../model/identity.ts';
import type { ListedObject } from '../objects/objects.ts';
import { checksumKinds } from './checksum-fields.ts';
import { s3Error } from './errors.ts';
import { dateOf, quoted } from './object-headers.ts';
import { ownerElement } from './who.ts';

const invalid = (name: string, value: string, message: string) =>
  s3Error('InvalidArgument', { message, extra: { ArgumentName: name, ArgumentValue: value } });

/** Asked-for page size: more than `most` is cut to it, less than `least` refused. */
export function pageLimit(value: number | undefined, name: string, most: number, least = 0): number {
  if (value === undefined) return most;
  if (!Number.isSafeInteger(value) || value < least || value > 2 ** 31 - 1) {
    throw invalid(name, String(value), `Argument ${name} must be an integer between ${least} and 2147483647`);
  }
  return Math.min(value, most);
}

export type Encode = (text: string) => string;

/** How names are written into a listing. */
export function encoderFor(encodingType: string | undefined): Encode {
  if (encodingType === undefined) return (text) => text;
  if (encodingType !== 'url') {
    throw invalid('encoding-type', encodingType, 'Invalid Encoding Method specified in Request');
  }
  return urlEncoded;
}

const reserved = /[!'()*]/g;
const plain = /^[A-Za-z0-9/._-]*$/;

function urlEncoded(text: string): string {
  if (plain.test(text)) return text;
  return encodeURIComponent(text)
    .replaceAll('%2F', '/')
    .replace(reserved, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

// A token is the place to go on, with a checksum: nobody should build or change one, and a damaged one must not skip keys.
const tokenVersion = 1;

export function tokenAt(place: string): string {
  const text = Buffer.from(place, 'utf8');
  const head = Buffer.alloc(5);
  head[0] = tokenVersion;
  head.writeUInt32BE(crc32(text), 1);
  return Buffer.concat([head, text]).toString('base64url');
}

export function placeOf(token: string): string {
  const bytes = Buffer.from(token, 'base64url');
  const text = bytes.subarray(5);
  const whole =
    bytes.length >= 5 &&
    bytes[0] === tokenVersion &&
    bytes.readUInt32BE(1) === crc32(text) &&
    bytes.toString('base64url') === token;
  if (!whole) throw invalid('continuation-token', token, 'The continuation token provided is incorrect');
  return text.toString('utf8');
}

/** An absent and an empty delimiter are the same. */
export const delimiterOf = (delimiter: string | undefined): string | undefined => delimiter || undefined;

export const prefixElements = (prefixes: readonly string[], encode: Encode): { Prefix: string }[] =>
  prefixes.map((prefix) => ({ Prefix: encode(prefix) }));

/** Parts are listed behind this number; absent and empty mean from the start. */
export function partMarker(marker: string | undefined): number {
  const text = marker || '0';
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 2 ** 31 - 1) {
    throw invalid(
      'part-number-marker',
      text,
      'Argument part-number-marker must be an integer between 0 and 2147483647',
    );
  }
  return value;
}

/** One `<Contents>` or `<Version>`; the owner stands there only when `users` are given. */
export const listedObject = ({ key, version }: ListedObject, encode: Encode, users?: UserDirectory) => ({
  Key: encode(key),
  LastModified: dateOf(version.modifiedSec),
  ETag: quoted(version.etag),
  Size: version.size,
  StorageClass: 'STANDARD' as const,
  ...checksumKinds(version.checksums),
  ...(users && { Owner: ownerElement(version.acl.owner, users) }),
});
