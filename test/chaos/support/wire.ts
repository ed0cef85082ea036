// A light S3 client: signs, sends, tells what came back; retries nothing, so that what failed is seen. Its three ends of a request
// are what trials are about: answered, refused, or open (nobody knows whether it was done).
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { canonicalQuery, type Pair, uriEncode } from '../../../src/base/sigv4.ts';
import { signedHeaders } from '../../support/quick-sign.ts';
import type { Credentials } from '../../support/sign.ts';

export interface Target {
  readonly endpoint: string;
  readonly keys: Credentials;
}

export interface Asked {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD';
  readonly bucket: string;
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** Sends this much of the body, waits for `rest`, then sends what is left. */
  readonly holdAfter?: { readonly bytes: number; readonly rest: Promise<void> };
  readonly msMax?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Wire {
  /** Rejects when no whole answer came. */
  send(asked: Asked): Promise<Answer>;
  /** Like `send`; also the local port of its connection, known once it is connected. */
  begin(asked: Asked): { readonly answer: Promise<Answer>; readonly localPort: Promise<number> };
  /** The next request opens a new one; none may be under way. */
  dropConnections(): void;
  close(): void;
}

export function openWire(target: Target, connectionsMax = Number.POSITIVE_INFINITY): Wire {
  // Connections take turns, as those of many clients do: else nearly all requests come over one of them, to one worker.
  const open = () => new Agent({ keepAlive: true, maxSockets: connectionsMax, scheduling: 'fifo' });
  let agent = open();
  const { hostname, port, host } = new URL(target.endpoint);

  const begin = (asked: Asked) => {
    const { path, headers } = signed(target, host, asked);
    const { method, body = '', holdAfter, msMax = 60_000 } = asked;
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    let connected: (port: number) => void = () => {};
    const localPort = new Promise<number>((done) => {
      connected = done;
    });
    const answer = new Promise<Answer>((resolve, reject) => {
      const sent = request({ agent, hostname, port, method, path, headers }, (received) => {
        const chunks: Buffer[] = [];
        received.on('data', (chunk: Buffer) => chunks.push(chunk));
        received.on('error', reject);
        received.on('close', () => {
          if (!received.complete) return reject(new Error('the answer was cut off'));
          resolve({ status: received.statusCode ?? 0, headers: received.headers, body: Buffer.concat(chunks) });
        });
      });
      sent.setTimeout(msMax, () => sent.destroy(new Error(`no answer for ${msMax} ms`)));
      sent.on('error', reject);
      sent.on('socket', (socket) => {
        const told = (): void => connected(socket.localPort ?? 0);
        if (socket.connecting) socket.once('connect', told);
        else told();
      });
      if (holdAfter === undefined) return void sent.end(bytes);
      sent.write(bytes.subarray(0, holdAfter.bytes));
      void holdAfter.rest.then(() => sent.end(bytes.subarray(holdAfter.bytes)));
    });
    answer.catch(() => {});
    return { answer, localPort };
  };
  return {
    begin,
    send: (asked) => begin(asked).answer,
    dropConnections() {
      agent.destroy();
      agent = open();
    },
    close: () => agent.destroy(),
  };
}

function signed({ keys }: Target, host: string, asked: Asked): { path: string; headers: Record<string, string> } {
  const { method, bucket, key, body = '' } = asked;
  const query = Object.entries(asked.query ?? {}) as Pair[];
  const path = `/${bucket}${key === undefined ? '' : `/${uriEncode(key, true)}`}`;
  const given = Object.fromEntries(
    Object.entries(asked.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const headers = signedHeaders({ method, host, path, query }, given, keys);
  if (method === 'PUT' || method === 'POST') headers['content-length'] = String(Buffer.byteLength(body));
  return { path: query.length === 0 ? path : `${path}?${canonicalQuery(query)}`, headers };
}

/** Every text inside `<tag>…</tag>`, entities decoded. */
export const textsOf = (xml: Buffer | string, tag: string): string[] =>
  [...xml.toString().matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, text]) =>
    text!.replace(/&(quot|amp|lt|gt|#39|apos);/g, (_, name: string) => entities[name]!),
  );

const entities: Record<string, string> = { quot: '"', amp: '&', lt: '<', gt: '>', '#39': "'", apos: "'" };

/** Keys and sizes of a whole bucket, page by page. */
export async function listAll(wire: Wire, bucket: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (let token: string | undefined; ; ) {
    const query = { 'list-type': '2', ...(token === undefined ? {} : { 'continuation-token': token }) };
    const { status, body } = await wire.send({ method: 'GET', bucket, query });
    if (status !== 200) throw new Error(`the listing of ${bucket} answered ${status}`);
    const sizes = textsOf(body, 'Size');
    for (const [at, key] of textsOf(body, 'Key').entries()) found.set(key, Number(sizes[at]));
    [token] = textsOf(body, 'NextContinuationToken');
    if (token === undefined) return found;
  }
}

export async function makeBucket(wire: Wire, bucket: string): Promise<void> {
  const { status, body } = await wire.send({ method: 'PUT', bucket });
  if (status !== 200) throw new Error(`bucket ${bucket}: ${status} ${body}`);
}
