// A client that sends exactly the bytes it is told and reads answers one by one off the socket.
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export class RawClient {
  readonly socket: Socket;
  #buffer = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      this.#wake();
    });
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('end', end).on('close', end).on('error', end);
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawClient(socket);
  }

  send(text: string | Buffer): void {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  }

  /** The next answer, 1xx included; HEAD's has no body whatever its headers say. */
  async answer(method = 'GET'): Promise<RawAnswer> {
    const head = await this.#until(() => {
      const at = this.#buffer.indexOf('\r\n\r\n');
      return at < 0 ? undefined : at;
    });
    const lines = this.#take(head + 4)
      .toString('latin1')
      .trimEnd()
      .split('\r\n');
    const status = Number(lines[0]!.split(' ')[1]);
    const headers: Record<string, string> = {};
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(':');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    if (status < 200 || status === 204 || status === 304 || method === 'HEAD') return { status, headers, body: '' };
    if (headers['transfer-encoding'] === 'chunked') return { status, headers, body: await this.#chunked() };
    const size = Number(headers['content-length'] ?? 0);
    await this.#until(() => (this.#buffer.length >= size ? 0 : undefined));
    return { status, headers, body: this.#take(size).toString('utf8') };
  }

  async #chunked(): Promise<string> {
    let body = '';
    for (;;) {
      const at = await this.#until(() => {
        const found = this.#buffer.indexOf('\r\n');
        return found < 0 ? undefined : found;
      });
      const size = Number.parseInt(this.#take(at + 2).toString('latin1'), 16);
      await this.#until(() => (this.#buffer.length >= size + 2 ? 0 : undefined));
      body += this.#take(size + 2)
        .subarray(0, size)
        .toString('utf8');
      if (size === 0) return body;
    }
  }

  /** Resolves when the server has closed; what it sent before stays unread. */
  async closed(): Promise<void> {
    while (!this.#ended) await this.#next();
  }

  get unread(): string {
    return this.#buffer.toString('latin1');
  }

  destroy(): void {
    this.socket.destroy();
  }

  #take(size: number): Buffer {
    const taken = this.#buffer.subarray(0, size);
    this.#buffer = this.#buffer.subarray(size);
    return taken;
  }

  async #until(look: () => number | undefined): Promise<number> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.#ended) throw new Error(`the server closed after ${JSON.stringify(this.unread)}`);
      await this.#next();
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
