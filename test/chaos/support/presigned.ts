// Presigned targets, remembered: signing costs a driver that shares two cores with the server more than sending does. They are
// valid from an hour ago on for days, so that a server whose wall clock steps takes them all the same.
import {
  amzDateOf,
  canonicalQuery,
  canonicalRequest,
  createSigningKeys,
  type Pair,
  scopeText,
  signatureHex,
  stringToSign,
  unsignedPayload,
  uriEncode,
} from '../../../src/base/sigv4.ts';

export interface Signer {
  /** Path and query of the request; `remember` where the same will be asked again. */
  target(asked: Asked, remember?: boolean): string;
}

export interface Asked {
  readonly method: string;
  readonly bucket: string;
  readonly key?: string;
  /** `x-amz-*` pairs are read as headers. */
  readonly query?: readonly Pair[];
}

export interface SignerOptions {
  readonly host: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

const region = 'us-east-1';
const hourMs = 3_600_000;
const rememberedMax = 20_000;

export function createSigner({ host, accessKey, secretKey }: SignerOptions): Signer {
  const amzDate = amzDateOf(Date.now() - hourMs);
  const scope = { date: amzDate.slice(0, 8), region, service: 's3' };
  const signingKey = createSigningKeys().get(accessKey, secretKey, scope);
  const authentication: Pair[] = [
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${accessKey}/${scopeText(scope)}`],
    ['X-Amz-Date', amzDate],
    ['X-Amz-Expires', '604800'],
    ['X-Amz-SignedHeaders', 'host'],
  ];
  const remembered = new Map<string, string>();

  const sign = ({ method, bucket, key, query = [] }: Asked): string => {
    const path = `/${bucket}${key === undefined ? '' : `/${uriEncode(key, true)}`}`;
    const pairs = [...query, ...authentication];
    const canonical = canonicalRequest({
      method,
      path,
      query: pairs,
      headers: { host },
      signedHeaders: ['host'],
      payloadHash: unsignedPayload,
    });
    const signature = signatureHex(signingKey, stringToSign(amzDate, scopeText(scope), canonical));
    return `${path}?${canonicalQuery(pairs)}&X-Amz-Signature=${signature}`;
  };

  return {
    target(asked, remember = true) {
      if (!remember) return sign(asked);
      const name = `${asked.method} ${asked.bucket}/${asked.key} ${asked.query?.join(' ') ?? ''}`;
      let found = remembered.get(name);
      if (found === undefined) {
        if (remembered.size >= rememberedMax) remembered.clear();
        found = sign(asked);
        remembered.set(name, found);
      }
      return found;
    },
  };
}
