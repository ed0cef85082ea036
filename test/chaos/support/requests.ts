// Signed requests over kept connections, as plain as they can be: thousands per second, from a trial.
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
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

export interface Sent {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** `/bucket/key`, decoded. */
  readonly path: string;
  readonly query?: readonly Pair[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export type Send = (sent: Sent) => Promise<Answered>;

const signingKeys = createSigningKeys();

export function signedRequests(endpoint: string, keys: { accessKey: string; secretKey: string }) {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port, host } = new URL(endpoint);
  const send: Send = ({ method, path: decoded, query = [], headers = {}, body = '' }) =>
    new Promise((resolve, reject) => {
      const amzDate = amzDateOf(Date.now());
      const scope = { date: amzDate.slice(0, 8), region: 'us-east-1', service: 's3' };
      const path = uriEncode(decoded, true);
      const all: Record<string, string> = {
        ...headers,
        host,
        'x-amz-content-sha256': unsignedPayload,
        'x-amz-date': amzDate,
      };
      const signedHeaders = Object.keys(all).sort();
      const canonical = canonicalRequest({
        method,
        path,
        query,
        headers: all,
        signedHeaders,
        payloadHash: unsignedPayload,
      });
      const key = signingKeys.get(keys.accessKey, keys.secretKey, scope);
      const signature = signatureHex(key, stringToSign(amzDate, scopeText(scope), canonical));
      all.authorization = `AWS4-HMAC-SHA256 Credential=${keys.accessKey}/${scopeText(scope)}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
      if (method !== 'GET') all['content-length'] = String(Buffer.byteLength(body));
      const target = query.length === 0 ? path : `${path}?${canonicalQuery(query)}`;
      const asking = request({ agent, hostname, port, method, path: target, headers: all }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
        );
      });
      asking.setTimeout(60_000, () => asking.destroy(new Error('no answer for a minute')));
      asking.on('error', reject);
      asking.end(body);
    });
  return { send, close: () => agent.destroy() };
}

/** Fails unless the answer is a good one. */
export async function sendRight(send: Send, sent: Sent): Promise<Answered> {
  const answer = await send(sent);
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new Error(`${sent.method} ${sent.path}: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
}

/** So many at once, in order of the list. */
export async function inLanes<T>(items: Iterable<T>, lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

export const textsIn = (xml: Buffer, tag: string): string[] =>
  [...xml.toString().matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, text]) =>
    text!.replace(/&(quot|amp|lt|gt|#39|apos);/g, (_, name: string) => entities[name]!),
  );

const entities: Record<string, string> = { quot: '"', amp: '&', lt: '<', gt: '>', '#39': "'", apos: "'" };
