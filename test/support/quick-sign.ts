// Signing for drivers that send thousands of requests per second: the product's own arithmetic, because what signs is not on trial
// there. Whoever tests signatures uses sign.ts.
import {
  algorithm,
  amzDateOf,
  canonicalQuery,
  canonicalRequest,
  createSigningKeys,
  type Pair,
  scopeText,
  signatureHex,
  stringToSign,
  unsignedPayload,
} from '../../src/base/sigv4.ts';
import type { Credentials } from './sign.ts';

export interface Unsigned {
  readonly method: string;
  readonly host: string;
  /** Encoded. */
  readonly path: string;
  readonly query?: readonly Pair[];
}

const region = 'us-east-1';
const signingKeys = createSigningKeys();

/** `headers` in lower case, with all that a request signed in its header has besides; the body is not signed. */
export function signedHeaders(
  { method, host, path, query = [] }: Unsigned,
  headers: Readonly<Record<string, string>>,
  user: Credentials,
): Record<string, string> {
  const signing = signingAt(Date.now(), user);
  const all = { host, 'x-amz-content-sha256': unsignedPayload, 'x-amz-date': signing.amzDate, ...headers };
  const names = Object.keys(all).sort();
  const signature = signing.sign({ method, path, query, headers: all, signedHeaders: names });
  const credential = `${user.accessKey}/${signing.scope}`;
  const authorization = `${algorithm} Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...all, authorization };
}

/** Path and query of a presigned URL, ready for a request line. */
export function presignedTarget(
  { method, host, path, query = [] }: Unsigned,
  user: Credentials,
  { wallMs = Date.now(), expiresSec = 86_400 } = {},
): string {
  const signing = signingAt(wallMs, user);
  const pairs: readonly Pair[] = [
    ...query,
    ['X-Amz-Algorithm', algorithm],
    ['X-Amz-Credential', `${user.accessKey}/${signing.scope}`],
    ['X-Amz-Date', signing.amzDate],
    ['X-Amz-Expires', String(expiresSec)],
    ['X-Amz-SignedHeaders', 'host'],
  ];
  const signature = signing.sign({ method, path, query: pairs, headers: { host }, signedHeaders: ['host'] });
  return `${path}?${canonicalQuery(pairs)}&X-Amz-Signature=${signature}`;
}

function signingAt(wallMs: number, { accessKey, secretKey }: Credentials) {
  const amzDate = amzDateOf(wallMs);
  const scope = { date: amzDate.slice(0, 8), region, service: 's3' };
  const key = signingKeys.get(accessKey, secretKey, scope);
  return {
    amzDate,
    scope: scopeText(scope),
    sign: (parts: Omit<Parameters<typeof canonicalRequest>[0], 'payloadHash'>): string => {
      const canonical = canonicalRequest({ ...parts, payloadHash: unsignedPayload });
      return signatureHex(key, stringToSign(amzDate, scopeText(scope), canonical));
    },
  };
}
