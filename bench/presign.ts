// Presigned URLs as any SDK makes them: SigV4 in the query, body unsigned, good for a day.
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
} from '../src/base/sigv4.ts';

export interface Signer {
  /** `http://127.0.0.1:9000` */
  readonly origin: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

const signingKeys = createSigningKeys();
const daySec = 86_400;

/** Path and query, ready for a request line. The path is plain: letters, digits, `-` and `/`. */
export function presign(signer: Signer, method: string, path: string, query: readonly Pair[] = []): string {
  const { origin, accessKey, secretKey } = signer;
  const amzDate = amzDateOf(Date.now());
  const scope = { date: amzDate.slice(0, 8), region: 'us-east-1', service: 's3' };
  const pairs: readonly Pair[] = [
    ...query,
    ['X-Amz-Algorithm', algorithm],
    ['X-Amz-Credential', `${accessKey}/${scopeText(scope)}`],
    ['X-Amz-Date', amzDate],
    ['X-Amz-Expires', String(daySec)],
    ['X-Amz-SignedHeaders', 'host'],
  ];
  const canonical = canonicalRequest({
    ...{ method, path, query: pairs, payloadHash: unsignedPayload },
    headers: { host: new URL(origin).host },
    signedHeaders: ['host'],
  });
  const key = signingKeys.get(accessKey, secretKey, scope);
  const signature = signatureHex(key, stringToSign(amzDate, scopeText(scope), canonical));
  return `${path}?${canonicalQuery(pairs)}&X-Amz-Signature=${signature}`;
}
