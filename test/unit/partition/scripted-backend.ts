// A tiny S3 backend on a real socket: keeps objects, notes every request, and misbehaves where the test says so.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly key: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Answers by itself and returns true, or leaves it to the backend. `store` keeps the body as the backend would. */
export type Twist = (
  request: SeenRequest,
  response: ServerResponse,
  store: () => void,
) => boolean | undefined | Promise<boolean | undefined>;

export const errorXml = (code: string): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>on purpose</Message></Error>`;

export class ScriptedBackend {
  readonly objects = new Map<string, { body: Buffer; crc: string | undefined }>();
  readonly seen: SeenRequest[] = [];
  /** Taken in turn, one per request; afterwards the backend behaves. */
  twists: Twist[] = [];
  /** For every request, before the twists. */
  always: Twist | undefined;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response).catch(() => response.destroy());
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  count(method: string): number {
    return this.seen.filter((request) => request.method === method).length;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const key = decodeURIComponent((request.url ?? '').replace(/^\/bucket\//, '').replace(/\?.*/, ''));
    const seen = { method: request.method!, key, headers: request.headers, body: Buffer.concat(chunks) };
    this.seen.push(seen);
    const store = (): void => {
      this.objects.set(key, { body: seen.body, crc: request.headers['x-amz-checksum-crc32c'] as string | undefined });
    };
    const twist = this.always ?? this.twists.shift();
    if (await twist?.(seen, response, store)) return;
    this.#behave(seen, response, store);
  }

  #behave({ method, key, headers }: SeenRequest, response: ServerResponse, store: () => void): void {
    const found = this.objects.get(key);
    if (method === 'PUT') {
      if (found && headers['if-none-match'] === '*') return void refuse(response, 412, 'PreconditionFailed');
      store();
      return void response.end();
    }
    if (method === 'DELETE') {
      this.objects.delete(key);
      return void response.writeHead(204).end();
    }
    if (!found) return void refuse(response, 404, 'NoSuchKey');
    const size = found.body.length;
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
    if (method === 'HEAD' || !range) {
      response.setHeader('content-length', size);
      if (found.crc) response.setHeader('x-amz-checksum-crc32c', found.crc);
      return void response.end(method === 'HEAD' ? undefined : found.body);
    }
    const [start, end] = [Number(range[1]), Math.min(size, Number(range[2]) + 1)];
    if (start >= size) return void refuse(response, 416, 'InvalidRange');
    response.writeHead(206, { 'content-length': end - start, 'content-range': `bytes ${start}-${end - 1}/${size}` });
    response.end(found.body.subarray(start, end));
  }
}

export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Record<string, string> = {},
): true {
  response.writeHead(status, headers).end(errorXml(code));
  return true;
}

export const refusing =
  (status: number, code: string, headers?: Record<string, string>): Twist =>
  (_, response) =>
    refuse(response, status, code, headers);

export const hangUp: Twist = (_, response) => {
  response.destroy();
  return true;
};
