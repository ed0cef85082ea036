// Requests that no SDK would send: exact bytes over a socket, signed or not.
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect } from 'vitest';
import { noteError, noteMembers } from './recorder.ts';
import { sha256, sign } from './sign.ts';
import { type Code, statuses } from './statuses.ts';
import { type Credentials, host, port, secure, target } from './target.ts';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** `<Code>` of an error document. */
  readonly code: string | undefined;
}

export interface RawRequest {
  readonly method?: string;
  /** Path and query as they go over the wire. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** null = nobody. */
  readonly user?: Credentials | null;
}

const authority = `${host}:${port}`;

/** Status line and headers of a request, signed unless nobody asks. */
export function headOf({ method = 'GET', target: path, headers = {}, body, user = target.main }: RawRequest): string {
  const bytes = Buffer.from(body ?? '');
  const all: Record<string, string> = { host: authority, ...headers };
  const names = Object.keys(all).map((name) => name.toLowerCase());
  if (body !== undefined && !names.includes('content-length') && !names.includes('transfer-encoding')) {
    all['content-length'] = String(bytes.length);
  }
  if (user && !names.includes('x-amz-content-sha256')) all['x-amz-content-sha256'] = sha256(bytes);
  const final = user ? sign({ method, target: path, headers: all }, user).headers : all;
  const lines = Object.entries(final).map(([name, value]) => `${name}: ${value}`);
  return `${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
}

export const openSocket = (): Promise<Socket> =>
  new Promise((done, failed) => {
    // The certificate of a server under test is its operator's business.
    const socket = secure ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port });
    socket.once(secure ? 'secureConnect' : 'connect', () => done(socket));
    socket.once('error', failed);
  });

/** Sends bytes on a connection of its own and reads one answer. */
export async function exchange(bytes: string | Buffer, waitMsMax = 20_000): Promise<RawAnswer> {
  const socket = await openSocket();
  try {
    socket.write(bytes as string, 'latin1');
    return await readAnswer(socket, waitMsMax);
  } finally {
    socket.destroy();
  }
}

export async function raw(request: RawRequest): Promise<RawAnswer> {
  const close = { connection: 'close', ...request.headers };
  const head = headOf({ ...request, headers: close });
  return exchange(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(request.body ?? '')]));
}

/** The raw request stands for this operation and these of its members in the coverage table. */
export async function rawAs(operation: string, members: readonly string[], request: RawRequest): Promise<RawAnswer> {
  noteMembers(operation, members);
  return raw(request);
}

export async function rawRefused(operation: string, request: RawRequest, code: Code): Promise<RawAnswer> {
  const answer = await raw(request);
  expect({ status: answer.status, code: answer.code }, answer.body).toEqual({ status: statuses[code], code });
  noteError(operation, code);
  return answer;
}

/** Reads until the answer is complete by its own length, or the server closes. */
export function readAnswer(socket: Socket, waitMsMax = 20_000): Promise<RawAnswer> {
  return new Promise((done, failed) => {
    let text = '';
    const timer = setTimeout(() => failed(new Error(`no answer in ${waitMsMax} ms; so far: ${text}`)), waitMsMax);
    const finish = (answer: RawAnswer | undefined, closed: boolean) => {
      if (!answer && !closed) return;
      clearTimeout(timer);
      socket.off('data', onData);
      if (answer) done(answer);
      else failed(new Error(`connection closed without an answer: ${text}`));
    };
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      finish(parse(text, false), false);
    };
    socket.on('data', onData);
    socket.once('close', () => finish(parse(text, true), true));
    socket.once('error', () => finish(parse(text, true), true));
  });
}

function parse(text: string, closed: boolean): RawAnswer | undefined {
  const rest = text.replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, '');
  const end = rest.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  let body = rest.slice(end + 4);
  const status = Number(statusLine.split(' ')[1]);
  if (headers['transfer-encoding'] === 'chunked') {
    if (!body.endsWith('0\r\n\r\n') && !closed) return undefined;
    body = dechunked(body);
  } else if (headers['content-length'] !== undefined && status !== 304) {
    if (body.length < Number(headers['content-length']) && !closed) return undefined;
  }
  return { status, headers, body, code: /<Code>([^<]*)<\/Code>/.exec(body)?.[1] };
}

function dechunked(body: string): string {
  let text = '';
  for (let at = 0; at < body.length; ) {
    const line = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.slice(at, line), 16);
    if (line < 0 || !size) break;
    text += body.slice(line + 2, line + 2 + size);
    at = line + 4 + size;
  }
  return text;
}
