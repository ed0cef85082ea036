// The one verifier. Every request passes it before anything else looks at it; what it returns is who asks and what vouches for the body.
import { caps } from '../base/caps.ts';
import type { Clock } from '../base/clock.ts';
import { createSigningKeys, type SigningKey, unsignedPayload } from '../base/sigv4.ts';
import { secondMs } from '../base/units.ts';
import { anonymous, type Identity, type UserDirectory } from '../model/identity.ts';
import type { Address } from './address.ts';
import { checkSignature, type Headers, type SignedRequest } from './check-signature.ts';
import {
  checkScope,
  isAuthName,
  parseAuthorization,
  parseQueryAuth,
  type QueryMaterial,
  queryAuth,
  queryError,
  type SignedMaterial,
} from './credential.ts';
import { isHeaderV2, isQueryV2 } from './credential-v2.ts';
import { s3Error } from './errors.ts';
import { type Payload, type PayloadKind, payloadKind, unsignedChunksPayload } from './payload.ts';
import { createVerifierV2 } from './signature-v2.ts';
import { checkSkew, readDate } from './signing-date.ts';

export type { Payload } from './payload.ts';

export interface VerifierOptions {
  readonly users: Pick<UserDirectory, 'byAccessKey'>;
  readonly region: string;
  /** Further regions that clients may sign for (`auto`, an old name). */
  readonly regions?: readonly string[];
  readonly clock: Pick<Clock, 'wallMs'>;
  /** Where the two disagree (an expiry out of range), who is followed. */
  readonly profile?: 'aws' | 'rgw';
  /** Query keys that select an operation. Version 2 signs only some of them, so it is accepted only where all are known. */
  readonly selectors?: ReadonlySet<string>;
}

export interface VerifyRequest extends SignedRequest {
  readonly address: Pick<Address, 'rawPath' | 'path' | 'query' | 'bucket' | 'key' | 'virtualHost'>;
  /** Names and values in turn, as received (`req.rawHeaders`). */
  readonly rawHeaders: readonly string[];
}

export interface Verified {
  readonly identity: Identity;
  /** In the header or in the query. */
  readonly signed: boolean;
  readonly presigned: boolean;
  readonly payload: Payload;
  /** `x-amz-*` query parameters of a presigned URL, lower-case names: S3 reads them as headers. Signed by construction. */
  readonly hoisted: Readonly<Record<string, string>>;
}

export interface Verifier {
  /** Throws the S3 error that AWS answers. */
  verify(request: VerifyRequest): Verified;
}

export function createVerifier(options: VerifierOptions): Verifier {
  const keys = createSigningKeys();
  const regions = new Set([options.region, ...(options.regions ?? [])]);
  const old = createVerifierV2({ ...options, findUser });

  function verify(request: VerifyRequest): Verified {
    const headers = collectHeaders(request.rawHeaders);
    const { query } = request.address;
    const inQuery = queryAuth(query);
    const isOld = isQueryV2(query);
    // A token travels under the same name in both versions; every other field of version 4 beside one of version 2 is a second mechanism.
    const isNew = inQuery !== undefined && !(isOld && inQuery.size === 1 && inQuery.has('x-amz-security-token'));
    const authorization = headers.get('authorization');
    if ((authorization !== undefined && (isOld || isNew)) || (isOld && isNew)) throw twoMechanisms(authorization);
    if (authorization !== undefined) return verifyHeader(request, headers, authorization);
    if (isOld) return old.verifyQuery(request, headers);
    if (inQuery) return verifyQuery(request, headers, parseQueryAuth(inQuery), inQuery);
    const payload = unsignedChunksPayload(headers.get('x-amz-content-sha256'));
    return { identity: anonymous, signed: false, presigned: false, payload, hoisted: {} };
  }

  function verifyHeader(request: VerifyRequest, headers: Headers, authorization: string): Verified {
    if (authorization.includes('\n')) throw s3Error('InvalidRequest', { message: 'Authorization was sent twice.' });
    if (isHeaderV2(authorization)) return old.verifyHeader(request, headers, authorization);
    const material = parseAuthorization(authorization);
    const amzDate = checkSkew(headers.get('x-amz-date') ?? headers.get('date') ?? '', options.clock.wallMs());
    checkScope(material, amzDate, { region: options.region, regions });
    const user = findUser(material.credential.accessKey, headers.get('x-amz-security-token'));
    const declared = headers.get('x-amz-content-sha256');
    if (declared === undefined) {
      throw s3Error('InvalidRequest', { message: 'Missing required header for this request: x-amz-content-sha256' });
    }
    const kind = payloadKind(declared);
    const key = keys.get(material.credential.accessKey, user.secretKey, material.credential.scope);
    checkSignature(request, headers, material, amzDate, key, request.address.query, [declared]);
    return {
      identity: { kind: 'user', user: user.user },
      signed: true,
      presigned: false,
      payload: payloadOf(kind, declared, material, amzDate, key),
      hoisted: {},
    };
  }

  function verifyQuery(
    request: VerifyRequest,
    headers: Headers,
    material: QueryMaterial,
    fields: ReadonlyMap<string, string>,
  ): Verified {
    const date = readDate(material.amzDate);
    if (date?.amzDate !== material.amzDate) {
      throw queryError("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
    }
    checkScope(material, date.amzDate, { region: options.region, regions });
    checkExpiry(material, date.wallMs);
    const token = fields.get('x-amz-security-token') ?? headers.get('x-amz-security-token');
    const user = findUser(material.credential.accessKey, token);
    const key = keys.get(material.credential.accessKey, user.secretKey, material.credential.scope);
    const signedQuery = request.address.query.filter(([name]) => name.toLowerCase() !== 'x-amz-signature');
    const hoisted: Record<string, string> = {};
    for (const [name, value] of signedQuery) {
      const lower = name.toLowerCase();
      if (lower.startsWith('x-amz-') && !isAuthName(lower)) hoisted[lower] = value;
    }
    const inHeader = headers.get('x-amz-content-sha256');
    const declared = inHeader ?? hoisted['x-amz-content-sha256'] ?? unsignedPayload;
    const kind = payloadKind(declared);
    // Unless the hash is signed, the URL was made without knowing the body. A framing that is not signed is not believed.
    const isSigned =
      hoisted['x-amz-content-sha256'] ??
      (material.signedHeaders.includes('x-amz-content-sha256') ? inHeader : undefined);
    const framed = kind !== 'sha256' && kind !== 'unsigned';
    const hashes = [isSigned ?? (framed ? declared : unsignedPayload)];
    if (isSigned === undefined && inHeader !== undefined && !framed) hashes.push(inHeader);
    checkSignature(request, headers, material, date.amzDate, key, signedQuery, hashes);
    return {
      identity: { kind: 'user', user: user.user },
      signed: true,
      presigned: true,
      payload: payloadOf(kind, declared, material, date.amzDate, key),
      hoisted,
    };
  }

  function findUser(accessKey: string, token: string | undefined) {
    const found = options.users.byAccessKey(accessKey);
    if (!found) throw s3Error('InvalidAccessKeyId', { extra: { AWSAccessKeyId: accessKey } });
    // Configured users have no sessions.
    if (token !== undefined) throw s3Error('InvalidToken');
    return found;
  }

  function checkExpiry(material: QueryMaterial, signedMs: number): void {
    const { expires } = material;
    const outOfRange = (message: string) =>
      options.profile === 'rgw' ? s3Error('AccessDenied', { message }) : queryError(message);
    if (!/^-?\d{1,15}$/.test(expires)) throw outOfRange('X-Amz-Expires should be a number');
    const expiresSec = Number(expires);
    if (expiresSec < 0) throw outOfRange('X-Amz-Expires must be non-negative');
    if (expiresSec > caps.presignExpiresSecMax) {
      throw outOfRange(
        'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
      );
    }
    const nowMs = options.clock.wallMs();
    if (signedMs - nowMs > caps.clockSkewMs) throw s3Error('AccessDenied', { message: 'Request is not yet valid' });
    const endMs = signedMs + expiresSec * secondMs;
    if (nowMs >= endMs) {
      throw s3Error('AccessDenied', {
        message: 'Request has expired',
        extra: {
          'X-Amz-Expires': expires,
          Expires: new Date(endMs).toISOString(),
          ServerTime: new Date(nowMs).toISOString(),
        },
      });
    }
  }

  return { verify };
}

/** Values by lower-case name; repeated ones joined by commas in order (Authorization by a line feed, which no header can hold). */
function collectHeaders(rawHeaders: readonly string[]): Headers {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    const value = rawHeaders[at + 1]!;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}${name === 'authorization' ? '\n' : ','}${value}`);
  }
  return headers;
}

function payloadOf(
  kind: PayloadKind,
  declared: string,
  material: SignedMaterial,
  amzDate: string,
  key: SigningKey,
): Payload {
  switch (kind) {
    case 'unsigned':
    case 'unsigned-trailer':
      return { kind };
    case 'sha256':
      return { kind, hex: declared.toLowerCase() };
    case 'chunk-signed':
    case 'chunk-signed-trailer':
      return {
        kind: 'chunk-signed',
        signingKey: key,
        scope: material.credential.scope,
        amzDate,
        seedSignature: material.signature,
        trailer: kind === 'chunk-signed-trailer',
      };
  }
}

const twoMechanisms = (authorization: string | undefined) =>
  s3Error('InvalidArgument', {
    message:
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    ...(authorization !== undefined && { extra: { ArgumentName: 'Authorization', ArgumentValue: authorization } }),
  });
