// Whole requests as bytes, signed by the tests' own signer, and kept connections that send them one after the other.

import { type Credentials, sha256, sign } from '../../support/sign.ts';
import { type RawAnswer, RawClient } from '../../unit/gateway/raw-client.ts';

export interface Asked {
  readonly method?: string;
  /** Path and query as they go over the wire. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** null = nobody. */
  readonly user: Credentials | null;
}

/** Host first, then what is given, then what signing adds. */
export function requestBytes(authority: string, { method = 'GET', target, headers = {}, body, user }: Asked): Buffer {
  const bytes = Buffer.from(body ?? '');
  const all: Record<string, string> = { host: authority, ...headers };
  if (body !== undefined) all['content-length'] ??= String(bytes.length);
  if (user) all['x-amz-content-sha256'] ??= sha256(bytes);
  const final = user ? sign({ method, target, headers: all }, user).headers : all;
  return Buffer.concat([headBytes(method, target, final), bytes]);
}

export const headBytes = (method: string, target: string, headers: Readonly<Record<string, string>>): Buffer =>
  Buffer.from(
    `${method} ${target} HTTP/1.1\r\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n`,
    'latin1',
  );

export const codeOf = ({ body }: RawAnswer): string | undefined => /<Code>([^<]*)<\/Code>/.exec(body)?.[1];

/** A connection that is kept while the server keeps it. */
export class Line {
  readonly #port: number;
  readonly authority: string;
  #client: RawClient | undefined;

  constructor(port: number) {
    this.#port = port;
    this.authority = `127.0.0.1:${port}`;
  }

  ask(asked: Asked): Promise<RawAnswer> {
    return this.exchange([requestBytes(this.authority, asked)], asked.method);
  }

  /** As `ask`, but anything else than this status is an error. */
  async must(status: number, asked: Asked): Promise<RawAnswer> {
    const answer = await this.ask(asked);
    if (answer.status !== status) {
      throw new Error(`${asked.method ?? 'GET'} ${asked.target}: ${answer.status} ${answer.body} instead of ${status}`);
    }
    return answer;
  }

  /** Pieces go out one by one, so that each is likely to arrive alone. */
  async exchange(pieces: readonly Buffer[], method = 'GET'): Promise<RawAnswer> {
    this.#client ??= await RawClient.open(this.#port);
    const client = this.#client;
    client.socket.setNoDelay(true);
    for (const [at, piece] of pieces.entries()) {
      if (at > 0) await new Promise((done) => setTimeout(done, 1));
      client.send(piece);
    }
    const timer = setTimeout(() => client.destroy(), 20_000);
    try {
      let answer = await client.answer(method);
      while (answer.status < 200) answer = await client.answer(method);
      if (answer.headers.connection === 'close') this.close();
      return answer;
    } catch (error) {
      this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#client?.destroy();
    this.#client = undefined;
  }
}
