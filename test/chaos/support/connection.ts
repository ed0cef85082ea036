// One HTTP/1.1 connection with as little between request and socket as will do: a driver of a million requests shares two cores with
// the server. One request at a time; it can hang up in the middle of one, and read an answer slowly.
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Request {
  readonly method: string;
  readonly target: string;
  /** Lines without their ends. */
  readonly headers?: readonly string[];
  readonly body?: Buffer;
}

export interface Answer {
  readonly status: number;
  /** Status line and header lines. */
  readonly head: string;
  readonly body: Buffer;
  /** Which process answered: every worker has a name of its own in x-amz-id-2. */
  readonly server: string;
}

const nothing = Buffer.alloc(0);
const answerMsMax = 60_000;

export class Connection {
  readonly #socket: Socket;
  readonly #host: string;
  #chunks: Buffer[] = [];
  #received = 0;
  /** Fewer bytes than these need not be looked at: the answer said how long it is. */
  #wanted = 0;
  #waiting: ((answer: Answer | undefined) => void) | undefined;
  #isHead = false;
  #pauseMs = 0;
  #ended = false;
  /** Ended because nothing came for a minute. */
  hung = false;

  static async open(port: number): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Connection(socket, `127.0.0.1:${port}`);
  }

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    const end = (): void => {
      this.#ended = true;
      this.#settle(undefined);
    };
    socket
      .on('data', (chunk) => this.#take(chunk))
      .on('error', end)
      .on('close', end);
    socket.setTimeout(answerMsMax, () => {
      this.hung = true;
      socket.destroy();
    });
  }

  get open(): boolean {
    return !this.#ended;
  }

  /** Undefined: the connection ended without a whole answer. `pauseMs`: leave the answer alone for so long once it has begun. */
  async request(request: Request, pauseMs = 0): Promise<Answer | undefined> {
    if (this.#ended) return undefined;
    this.#isHead = request.method === 'HEAD';
    this.#pauseMs = pauseMs;
    const answer = new Promise<Answer | undefined>((resolve) => {
      this.#waiting = resolve;
    });
    this.#socket.write(this.#bytesOf(request));
    return await answer;
  }

  /** Sends `share` of the request, hangs up after a moment, and says whether the server was faster. */
  async abandon(request: Request, share: number, afterMs: number): Promise<Answer | undefined> {
    const bytes = this.#bytesOf(request);
    const answer = new Promise<Answer | undefined>((resolve) => {
      this.#waiting = resolve;
    });
    this.#socket.write(bytes.subarray(0, Math.ceil(bytes.length * share)));
    await Promise.race([answer, sleep(afterMs)]);
    this.close();
    return await answer;
  }

  close(): void {
    this.#ended = true;
    this.#socket.destroy();
    this.#settle(undefined);
  }

  #bytesOf({ method, target, headers = [], body }: Request): Buffer {
    const lines = [`${method} ${target} HTTP/1.1`, `Host: ${this.#host}`, ...headers];
    if (body !== undefined) lines.push(`Content-Length: ${body.length}`);
    const head = `${lines.join('\r\n')}\r\n\r\n`;
    return body === undefined ? Buffer.from(head, 'latin1') : Buffer.concat([Buffer.from(head, 'latin1'), body]);
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    if (this.#pauseMs > 0) {
      this.#socket.pause();
      setTimeout(() => this.#socket.resume(), this.#pauseMs);
      this.#pauseMs = 0;
    }
    this.#received += chunk.length;
    if (this.#received < this.#wanted) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const parsed = parseAnswer(bytes, this.#isHead);
    const isWhole = typeof parsed !== 'number';
    this.#chunks = isWhole ? [] : [bytes];
    this.#received = isWhole ? 0 : bytes.length;
    this.#wanted = isWhole ? 0 : parsed;
    if (isWhole) this.#settle(parsed);
  }

  #settle(answer: Answer | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(answer);
  }
}

/** The answer once it is whole; before that, how many bytes it has at least. */
function parseAnswer(bytes: Buffer, isHead: boolean): Answer | number {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const head = bytes.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  const rest = bytes.subarray(end + 4);
  const whole = (body: Buffer): Answer => ({ status, head, body, server: headerOf(head, 'x-amz-id-2') ?? '' });
  if (isHead || status === 204 || status === 304) return whole(nothing);
  const length = headerOf(head, 'content-length');
  if (length !== undefined) {
    const size = Number(length);
    return rest.length < size ? end + 4 + size : whole(rest.subarray(0, size));
  }
  const body = headerOf(head, 'transfer-encoding') === undefined ? nothing : dechunked(rest);
  return body === undefined ? 0 : whole(body);
}

function dechunked(rest: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = rest.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(rest.toString('latin1', at, line), 16);
    at = line + 2;
    if (rest.length < at + size + 2) return undefined;
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(rest.subarray(at, at + size));
    at += size + 2;
  }
}

/** `name` in lower case. */
export function headerOf(head: string, name: string): string | undefined {
  const at = head.toLowerCase().indexOf(`\r\n${name}: `);
  if (at < 0) return undefined;
  const start = at + name.length + 4;
  const end = head.indexOf('\r\n', start);
  return end < 0 ? head.slice(start) : head.slice(start, end);
}

export const etagOf = (head: string): string | undefined => headerOf(head, 'etag')?.replaceAll('"', '');
