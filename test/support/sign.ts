// SigV4 in plain steps, written a second time on purpose: raw requests must not share a mistake with the server's own verifier.
import { createHash, createHmac } from 'node:crypto';

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

export interface Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface Signable {
  readonly method: string;
  /** Path and query as they go over the wire. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Signed {
  readonly headers: Record<string, string>;
  readonly key: Buffer;
  readonly scope: string;
  readonly date: string;
  readonly signature: string;
}

export interface SignOptions {
  readonly at?: Date;
  readonly region?: string;
  readonly service?: string;
}

/** Adds Authorization over all headers given; `x-amz-content-sha256` must be among them. */
export function sign(request: Signable, user: Credentials, options: SignOptions = {}): Signed {
  const { date, scope, key } = signingOf(user, options);
  const headers: Record<string, string> = { ...request.headers, 'x-amz-date': date };
  const payload = Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-amz-content-sha256')![1];
  const { signature, names } = signatureOf({ ...request, headers }, payload, { date, scope, key });
  const authorization = `AWS4-HMAC-SHA256 Credential=${user.accessKey}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { headers: { ...headers, authorization }, key, scope, date, signature };
}

/** The target with all that makes it a presigned URL; the headers given must be sent with it. */
export function presign(request: Signable, user: Credentials, expiresSec: number, options: SignOptions = {}): string {
  const { date, scope, key } = signingOf(user, options);
  const fields = [
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${user.accessKey}/${scope}`],
    ['X-Amz-Date', date],
    ['X-Amz-Expires', String(expiresSec)],
    ['X-Amz-SignedHeaders', headerNames(request.headers).join(';')],
  ].map(([name, value]) => `${name}=${escaped(value!)}`);
  const target = `${request.target}${request.target.includes('?') ? '&' : '?'}${fields.join('&')}`;
  const { signature } = signatureOf({ ...request, target }, 'UNSIGNED-PAYLOAD', { date, scope, key });
  return `${target}&X-Amz-Signature=${signature}`;
}

const headerNames = (headers: Signable['headers']): string[] =>
  Object.keys(headers)
    .map((name) => name.toLowerCase())
    .sort();

interface Signing {
  readonly date: string;
  readonly scope: string;
  readonly key: Buffer;
}

function signingOf(user: Credentials, { at = new Date(), region = 'us-east-1', service = 's3' }: SignOptions): Signing {
  const date = at.toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const key = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${user.secretKey}`, date.slice(0, 8)));
  return { date, scope, key };
}

function signatureOf({ method, target, headers }: Signable, payload: string, { date, scope, key }: Signing) {
  const names = headerNames(headers);
  const value = (name: string) => Object.entries(headers).find(([given]) => given.toLowerCase() === name)![1];
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? [] : target.slice(mark + 1).split('&');
  const pairs = query.map((part): [string, string] => {
    const [name, ...rest] = part.split('=');
    return [escaped(decodeURIComponent(name!)), escaped(decodeURIComponent(rest.join('=')))];
  });
  const ascending = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
  pairs.sort((left, right) => ascending(left[0], right[0]) || ascending(left[1], right[1]));
  const canonical = [
    method,
    path,
    pairs.map((pair) => pair.join('=')).join('&'),
    ...names.map((name) => `${name}:${value(name).trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    payload,
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(Buffer.from(canonical, 'latin1'))].join('\n');
  return { signature: hmac(key, text).toString('hex'), names: names.join(';') };
}

/** One chunk and the signature that belongs before it. */
export interface SignedChunk {
  readonly data: Buffer;
  readonly signature: string;
}

/** Signs the chunks in their order, and the empty one that ends them. */
export function signChunks(chunks: readonly Buffer[], from: Signed): SignedChunk[] {
  let previous = from.signature;
  return [...chunks, Buffer.alloc(0)].map((data) => {
    const text = ['AWS4-HMAC-SHA256-PAYLOAD', from.date, from.scope, previous, sha256(''), sha256(data)].join('\n');
    previous = hmac(from.key, text).toString('hex');
    return { data, signature: previous };
  });
}

/** Of the trailer's lines, each `name:value` and a line feed; `previous` is the last chunk's signature. */
export const signTrailer = (lines: string, previous: string, from: Signed): string =>
  hmac(from.key, ['AWS4-HMAC-SHA256-TRAILER', from.date, from.scope, previous, sha256(lines)].join('\n')).toString(
    'hex',
  );

/** An aws-chunked body whose chunks are signed, with an optional signed trailer. */
export function signedChunks(
  chunks: readonly Buffer[],
  from: Signed,
  trailer?: readonly [name: string, value: string],
): Buffer {
  const signed = signChunks(chunks, from);
  const parts = signed.flatMap(({ data, signature }) => [
    Buffer.from(`${data.length.toString(16)};chunk-signature=${signature}\r\n`),
    data,
    Buffer.from(data.length > 0 || !trailer ? '\r\n' : ''),
  ]);
  if (trailer) {
    const line = `${trailer[0]}:${trailer[1]}`;
    const signature = signTrailer(`${line}\n`, signed.at(-1)!.signature, from);
    parts.push(Buffer.from(`${line}\r\nx-amz-trailer-signature:${signature}\r\n\r\n`));
  }
  return Buffer.concat(parts);
}
