// Everybody who may come to the door: honest, strange, nameless, and with credentials that are false in one point.
import type { S3Client } from '@aws-sdk/client-s3';
import { presign, sign } from '../../support/sign.ts';
import { clientFor } from './clients.ts';
import { type Credentials, region, target } from './target.ts';

export const askerNames = [
  'owner',
  'owner by URL',
  'other user',
  'anonymous',
  'unknown key',
  'wrong secret',
  'changed signature',
  'expired URL',
  'old date',
  'wrong region',
  'wrong service',
] as const;
export type AskerName = (typeof askerNames)[number];

/** What is wrong with these, and how that is told. */
export const falseAskers: Partial<Record<AskerName, readonly [status: number, code: string]>> = {
  'unknown key': [403, 'InvalidAccessKeyId'],
  'wrong secret': [403, 'SignatureDoesNotMatch'],
  'changed signature': [403, 'SignatureDoesNotMatch'],
  'expired URL': [403, 'AccessDenied'],
  'old date': [403, 'RequestTimeTooSkewed'],
  'wrong region': [400, 'AuthorizationHeaderMalformed'],
  'wrong service': [400, 'AuthorizationHeaderMalformed'],
};

/** As the SDK hands a request to its signer. */
interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
}

const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

function targetOf({ path, query }: SdkRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ''].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one as string)}`),
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

/** Headers that must be signed; the rest may be. */
const signable = (headers: SdkRequest['headers']): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name === 'host' || name.startsWith('x-amz-')));

function inHeader(user: Credentials, options: Parameters<typeof sign>[2] = {}, spoil = (text: string) => text) {
  return async (request: SdkRequest): Promise<SdkRequest> => {
    const headers = { ...signable(request.headers), 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const signed = sign({ method: request.method, target: targetOf(request), headers }, user, { region, ...options });
    const authorization = spoil(signed.headers.authorization!);
    return { ...request, headers: { ...request.headers, ...signed.headers, authorization } };
  };
}

function inUrl(user: Credentials, expiresSec: number, at = new Date()) {
  return async (request: SdkRequest): Promise<SdkRequest> => {
    const { 'x-amz-content-sha256': _, ...rest } = request.headers;
    const asked = { method: request.method, target: targetOf(request), headers: signable(rest) };
    const query = new URLSearchParams(presign(asked, user, expiresSec, { region, at }).split('?')[1]);
    return { ...request, query: Object.fromEntries(query), headers: rest };
  };
}

const { main, alt } = target;
const signers: Readonly<Record<AskerName, (request: SdkRequest) => Promise<SdkRequest>>> = {
  owner: inHeader(main),
  'owner by URL': inUrl(main, 600),
  'other user': inHeader(alt),
  anonymous: async (request) => request,
  'unknown key': inHeader({ ...main, accessKey: 'nobody-has-this-key' }),
  'wrong secret': inHeader({ ...main, secretKey: 'not-the-secret-of-main' }),
  'changed signature': inHeader(main, {}, (text) => text.replace(/.$/, (last) => (last === '0' ? '1' : '0'))),
  'expired URL': inUrl(main, 60, minutesAgo(2)),
  'old date': inHeader(main, { at: minutesAgo(20) }),
  'wrong region': inHeader(main, { region: 'eu-nowhere-1' }),
  'wrong service': inHeader(main, { service: 'iam' }),
};

export const askers = Object.fromEntries(
  askerNames.map((name) => [name, clientFor(undefined, { signer: { sign: signers[name] } as never })]),
) as unknown as Readonly<Record<AskerName, S3Client>>;
