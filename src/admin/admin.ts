// The admin listener: health, metrics and the JSON API that the command line speaks. Apart from S3, on its own port; everything
// but /livez and /readyz needs the token.
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { KiB } from '../base/units.ts';
import { findRoute, type Route } from './routes.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly message: string }[];
}

export interface AdminBackend {
  readiness(): Readiness;
  /** Prometheus text of all processes. */
  metrics(): Promise<string>;
  /** Carries out a method of the API; throws an error with a `code` to refuse. */
  call(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown>;
}

const bodyBytesMax = 64 * KiB;

/** Refusals by their code; any other code is 500. */
const statusOf: Readonly<Record<string, number>> = {
  'bad-request': 400,
  unauthorized: 401,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'too-large': 413,
  'not-ready': 503,
  'child-ended': 503,
  timeout: 504,
};

class Refused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function createAdmin({ token, backend }: { token: string; backend: AdminBackend }): Server {
  const digest = sha256(token);
  const isAuthorised = (request: IncomingMessage): boolean => {
    const given = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(request.headers.authorization ?? '')?.[1];
    return given !== undefined && timingSafeEqual(sha256(given), digest);
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://admin');
    if (url.pathname === '/livez') return text(response, 200, 'ok\n');
    if (url.pathname === '/readyz') return readyz(response, backend.readiness(), url.searchParams.has('verbose'));
    if (!isAuthorised(request)) {
      response.setHeader('www-authenticate', 'Bearer realm="echogate admin"');
      throw new Refused('unauthorized', 'send "Authorization: Bearer <token>"; it is in <data>/admin-token');
    }
    if (url.pathname === '/metrics') {
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
      return void response.end(await backend.metrics());
    }
    const route = findRoute(request.method ?? 'GET', url.pathname);
    if (route === undefined) throw new Refused('not-found', `no ${request.method} ${url.pathname} here`);
    if (route === 'other-method')
      throw new Refused('method-not-allowed', `${url.pathname} does not take ${request.method}`);
    const params = { ...(await bodyOf(request)), ...Object.fromEntries(url.searchParams), ...route.params };
    json(response, 200, await backend.call(route.method, params));
  }

  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000 }, (request, response) => {
    answer(request, response).catch((error: Error & { code?: string }) => {
      if (response.headersSent) return void response.destroy();
      const code = error.code ?? 'failed';
      json(response, statusOf[code] ?? 500, { error: { code, message: error.message } });
    });
  });
  server.keepAliveTimeout = 5_000;
  return server;
}

export type { Route };

const sha256 = (value: string): Buffer => createHash('sha256').update(value).digest();

function text(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).end(body);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .end(`${JSON.stringify(body ?? {})}\n`);
}

function readyz(response: ServerResponse, { ready, checks }: Readiness, verbose: boolean): void {
  const lines = checks.map((check) => `[${check.ok ? '+' : '-'}] ${check.name}: ${check.message}\n`);
  text(response, ready ? 200 : 503, `${verbose ? lines.join('') : ''}${ready ? 'ready' : 'not ready'}\n`);
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyBytesMax) throw new Refused('too-large', `a request body may have ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  if (size === 0) return {};
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new Refused('bad-request', 'the body must be a JSON object');
}
