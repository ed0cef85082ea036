// Signature Version 2, which boto3 and the AWS CLI still use for presigned URLs unless told otherwise. It covers neither the host, nor
// the body, nor every query key: what it leaves open must not change what was meant, or the request is refused.
import { timingSafeEqual } from 'node:crypto';
import { caps } from '../base/caps.ts';
import type { Clock } from '../base/clock.ts';
import { signatureV2, signedSubresources, stringToSignV2 } from '../base/sigv2.ts';
import { uriEncode } from '../base/sigv4.ts';
import { secondMs } from '../base/units.ts';
import type { User } from '../model/identity.ts';
import { type Headers, hexBytes, utf8Text } from './check-signature.ts';
import { queryError, unsupported } from './credential.ts';
import { type MaterialV2, parseHeaderV2, parseQueryV2 } from './credential-v2.ts';
import { s3Error } from './errors.ts';
import { unsignedChunksPayload } from './payload.ts';
import type { Verified, VerifyRequest } from './signature.ts';
import { checkSkew } from './signing-date.ts';

export interface VerifierV2Options {
  /** Throws for unknown keys and for tokens. */
  readonly findUser: (accessKey: string, token: string | undefined) => { user: User; secretKey: string };
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly profile?: 'aws' | 'rgw';
  /** Query keys that select an operation; undefined: version 2 is refused. */
  readonly selectors?: ReadonlySet<string>;
}

export interface VerifierV2 {
  verifyHeader(request: VerifyRequest, headers: Headers, authorization: string): Verified;
  verifyQuery(request: VerifyRequest, headers: Headers): Verified;
}

/** Selects among operations that do the same: the second form of a bucket's listing. */
const harmlessSelectors: ReadonlySet<string> = new Set(['list-type']);

export function createVerifierV2({ findUser, clock, profile, selectors }: VerifierV2Options): VerifierV2 {
  function verifyHeader(request: VerifyRequest, headers: Headers, authorization: string): Verified {
    const dateText = headers.get('x-amz-date') ?? headers.get('date') ?? '';
    const isAccepted = profile === 'rgw' && selectors !== undefined;
    // A bad date is told first, as it is the nearer mistake.
    if (isAccepted || dateText !== '') checkSkew(dateText, clock.wallMs());
    const material = parseHeaderV2(authorization);
    if (!isAccepted) throw unsupported();
    const { user, secretKey } = findUser(material.accessKey, headers.get('x-amz-security-token'));
    refuseOpenQuery(request, selectors);
    const date = headers.has('x-amz-date') ? '' : headers.get('date')!;
    checkSignature(request, headers, material, date, secretKey);
    return verified(user, headers, {});
  }

  function verifyQuery(request: VerifyRequest, headers: Headers): Verified {
    if (selectors === undefined) throw unsupported();
    const material = parseQueryV2(request.address.query);
    checkExpires(material.expires);
    const all = new Map(headers);
    for (const [name, value] of material.hoisted) {
      const latin = Buffer.from(value, 'utf8').toString('latin1');
      const sent = headers.get(name);
      // Beside x-amz-*, what is sent wins: clients sign a type that they also send.
      if (sent === undefined) all.set(name, latin);
      else if (name.startsWith('x-amz-') && sent.trim() !== latin.trim()) throw sentTwice(name);
    }
    const { user, secretKey } = findUser(material.accessKey, all.get('x-amz-security-token'));
    refuseOpenQuery(request, selectors);
    checkSignature(request, all, material, material.expires, secretKey);
    return { ...verified(user, all, Object.fromEntries(material.hoisted)), presigned: true };
  }

  function checkExpires(text: string): void {
    const nowMs = clock.wallMs();
    const endMs = Number(text) * secondMs;
    // The moment of signing is not told: the client's clock may be as far ahead as a signed date may be.
    if (endMs > nowMs + caps.clockSkewMs + caps.presignExpiresSecMax * secondMs) {
      const message = 'Expires must be less than a week (604800 seconds) ahead';
      throw profile === 'rgw' ? s3Error('AccessDenied', { message }) : queryError(message);
    }
    if (nowMs < endMs) return;
    throw s3Error('AccessDenied', {
      message: 'Request has expired',
      extra: { Expires: new Date(endMs).toISOString(), ServerTime: new Date(nowMs).toISOString() },
    });
  }

  return { verifyHeader, verifyQuery };
}

const verified = (user: User, headers: Headers, hoisted: Verified['hoisted']): Verified => ({
  identity: { kind: 'user', user },
  signed: true,
  presigned: false,
  payload: unsignedChunksPayload(headers.get('x-amz-content-sha256')),
  hoisted,
});

/** Nobody may turn another's URL into another operation by adding what its signature does not cover, nor swap values that are sorted. */
function refuseOpenQuery({ address }: VerifyRequest, selectors: ReadonlySet<string>): void {
  const seen = new Set<string>();
  for (const [name] of address.query) {
    const isCovered = signedSubresources.has(name);
    if (isCovered && seen.has(name)) {
      throw s3Error('AccessDenied', { message: `The parameter ${name} was given twice.` });
    }
    seen.add(name);
    if (isCovered || !selectors.has(name) || harmlessSelectors.has(name)) continue;
    throw s3Error('AccessDenied', {
      message: `Signature Version 2 does not cover the query parameter ${name}. Please use AWS4-HMAC-SHA256.`,
    });
  }
}

/** @param headers with those of the query among them, latin-1 */
function checkSignature(
  request: VerifyRequest,
  headers: Headers,
  material: MaterialV2,
  date: string,
  secretKey: string,
): void {
  const provided = Buffer.from(material.signature, 'latin1');
  let firstTried: string | undefined;
  for (const toSign of variants(request, headers, date)) {
    const expected = Buffer.from(signatureV2(secretKey, toSign), 'latin1');
    // Lengths first: timingSafeEqual throws on unequal ones.
    if (provided.length === expected.length && timingSafeEqual(provided, expected)) return;
    firstTried ??= toSign;
  }
  throw s3Error('SignatureDoesNotMatch', {
    extra: {
      AWSAccessKeyId: material.accessKey,
      StringToSign: firstTried!,
      SignatureProvided: material.signature,
      StringToSignBytes: hexBytes(firstTried!),
    },
  });
}

/** Readings of one request that an honest client may have signed, likeliest first; all of them mean the same to us. */
function* variants(request: VerifyRequest, headers: Headers, date: string): Generator<string> {
  const { query } = request.address;
  const hasEmpty = query.some(([name, value]) => value === '' && signedSubresources.has(name));
  const hasBytes = [...headers].some(([name, value]) => isSigned(name) && /[\x80-\xff]/.test(value));
  for (const readText of hasBytes ? [utf8Text, (latin: string) => latin] : [utf8Text]) {
    const texts = new Map([...headers].map(([name, value]) => [name, readText(value)] as const));
    const common = {
      method: request.method,
      contentMd5: (texts.get('content-md5') ?? '').trim(),
      contentType: (texts.get('content-type') ?? '').trim(),
      date,
      amzHeaders: new Map([...texts].filter(([name]) => name.startsWith('x-amz-'))),
      query,
    };
    for (const emptyValue of hasEmpty ? (['', '='] as const) : (['='] as const)) {
      for (const path of resourcePaths(request.address)) yield stringToSignV2({ ...common, path, emptyValue });
    }
  }
}

const isSigned = (name: string): boolean =>
  name.startsWith('x-amz-') || name === 'content-type' || name === 'content-md5';

/** The bucket stands first even where the host names it; a bucket alone is signed with and without a slash at its end. */
function resourcePaths({ rawPath, path, bucket, key, virtualHost }: VerifyRequest['address']): string[] {
  const spelt = [...new Set([rawPath, uriEncode(path, true)])].map((one) => (virtualHost ? `/${bucket}${one}` : one));
  if (bucket === undefined || key !== undefined) return spelt;
  return spelt.flatMap((one) => (one.endsWith('/') ? [one, one.slice(0, -1)] : [one, `${one}/`]));
}

const sentTwice = (name: string) =>
  s3Error('AccessDenied', { message: `${name} was sent in the query and, with another value, in a header.` });
