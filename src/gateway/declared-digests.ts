// What a client declares about its body: Content-MD5, one x-amz-checksum-*, in a header or announced for the trailer.
// Malformed declarations are refused before a byte of the body is read.
import type { ChecksumName } from '../base/fault.ts';
import { checksumBytes } from '../objects/digester.ts';
import { type S3Error, s3Error } from './errors.ts';

export interface DeclaredDigests {
  readonly md5?: Buffer;
  /** Its value stands in a header. */
  readonly checksum?: { readonly algorithm: ChecksumName; readonly value: string };
  /** Its value comes in the trailer. */
  readonly trailer?: { readonly algorithm: ChecksumName; readonly name: string };
}

type HeaderFields = Readonly<Record<string, string | readonly string[] | undefined>>;
type Profile = 'aws' | 'rgw';

const prefix = 'x-amz-checksum-';
const names: Readonly<Record<string, ChecksumName>> = {
  crc32: 'CRC32',
  crc32c: 'CRC32C',
  crc64nvme: 'CRC64NVME',
  sha1: 'SHA1',
  sha256: 'SHA256',
};
// AWS knows these too; answering as if nothing had been declared would be a lie.
const unbuilt: readonly string[] = ['sha512', 'md5', 'xxhash64', 'xxhash3', 'xxhash128'];

export interface DeclaredOptions {
  readonly profile: Profile;
  /** This framing has a trailer. */
  readonly trailer: boolean;
  /** False for CompleteMultipartUpload, whose checksum headers speak of the object and not of the body. */
  readonly checksumHeaders: boolean;
}

export function readDeclared(headers: HeaderFields, options: DeclaredOptions): DeclaredDigests {
  const md5 = readMd5(headerText(headers, 'content-md5'));
  const checksum = options.checksumHeaders ? readChecksum(headers, options.profile) : undefined;
  const trailer = readTrailerName(headerText(headers, 'x-amz-trailer'), options.trailer);
  if (checksum && trailer) throw onlyOne();
  if (options.checksumHeaders) {
    checkSdkAlgorithm(headerText(headers, 'x-amz-sdk-checksum-algorithm'), checksum?.algorithm ?? trailer?.algorithm);
  }
  return { ...(md5 && { md5 }), ...(checksum && { checksum }), ...(trailer && { trailer }) };
}

const headerText = (headers: HeaderFields, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'object' ? value.join(',') : value;
};

function readMd5(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const bytes = base64Bytes(text.trim(), 16);
  if (!bytes) throw s3Error('InvalidDigest', { extra: { 'Content-MD5': text } });
  return bytes;
}

function readChecksum(headers: HeaderFields, profile: Profile): DeclaredDigests['checksum'] {
  let found: DeclaredDigests['checksum'];
  for (const header of Object.keys(headers)) {
    if (!header.startsWith(prefix) || headers[header] === undefined) continue;
    const algorithm = algorithmOf(header);
    if (!algorithm) continue;
    if (found) throw onlyOne();
    found = { algorithm, value: checksumValue(headerText(headers, header)!, algorithm, header, profile) };
  }
  return found;
}

/** undefined: `x-amz-checksum-type`, `-mode`, `-algorithm` and such, which name no value. */
function algorithmOf(header: string): ChecksumName | undefined {
  const short = header.slice(prefix.length);
  if (unbuilt.includes(short)) throw notBuilt(header);
  return Object.hasOwn(names, short) ? names[short] : undefined;
}

/** Canonical Base64 of the right length, else the error of a malformed checksum. */
export function checksumValue(text: string, algorithm: ChecksumName, header: string, profile: Profile): string {
  const value = text.trim();
  if (base64Bytes(value, checksumBytes[algorithm])) return value;
  const message = `Value for ${header} header is invalid.`;
  throw s3Error(profile === 'rgw' ? 'BadDigest' : 'InvalidRequest', { message });
}

export const isChecksumValue = (text: string, algorithm: ChecksumName): boolean =>
  base64Bytes(text, checksumBytes[algorithm]) !== undefined;

function base64Bytes(text: string, length: number): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === length && bytes.toString('base64') === text ? bytes : undefined;
}

function readTrailerName(text: string | undefined, allowed: boolean): DeclaredDigests['trailer'] {
  if (text === undefined) return undefined;
  const [name = '', ...more] = text.split(',').map((one) => one.trim().toLowerCase());
  if (more.length > 0) throw onlyOne();
  const algorithm = name.startsWith(prefix) ? algorithmOf(name) : undefined;
  if (!algorithm) {
    throw s3Error('InvalidRequest', { message: 'The value specified in the x-amz-trailer header is not supported' });
  }
  if (!allowed) {
    throw s3Error('InvalidRequest', {
      message: 'x-amz-trailer needs an x-amz-content-sha256 that announces a trailer.',
    });
  }
  return { algorithm, name };
}

function checkSdkAlgorithm(text: string | undefined, declared: ChecksumName | undefined): void {
  if (text === undefined) return;
  const short = text.trim().toLowerCase();
  if (unbuilt.includes(short)) throw notBuilt('x-amz-sdk-checksum-algorithm');
  const asked = Object.hasOwn(names, short) ? names[short] : undefined;
  if (asked && declared === undefined) {
    throw s3Error('InvalidRequest', {
      message:
        'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    });
  }
  if (asked !== declared || asked === undefined) {
    throw s3Error('InvalidRequest', { message: 'Value for x-amz-sdk-checksum-algorithm header is invalid.' });
  }
}

const onlyOne = (): S3Error =>
  s3Error('InvalidRequest', {
    message: 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
  });

const notBuilt = (header: string): S3Error =>
  s3Error('NotImplemented', {
    message: `This checksum algorithm is not implemented: ${header}. Use CRC32, CRC32C, CRC64NVME, SHA1 or SHA256.`,
    extra: { Header: header },
  });
