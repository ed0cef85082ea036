// The HTTP shell: Fastify holds the server and its life, every request goes raw to one handler. Its router would decode and cap what is
// ours to judge, its parsers would read bodies that are ours to stream, and its errors would be JSON.
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { caps } from '../base/caps.ts';
import type { Clock } from '../base/clock.ts';
import { KiB, minuteMs, secondMs } from '../base/units.ts';
import { adoptConnections, type TakeConnection } from './adopt-connections.ts';
import { createCrowd } from './crowd.ts';
import type { AnswerRecord } from './exchange.ts';
import { createRefusal, crowded } from './refuse-connection.ts';
import type { RequestIds } from './request-ids.ts';
import type { Serve } from './serve.ts';

export interface TlsFiles {
  /** PEM texts. */
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

export interface ShellOptions {
  readonly serve: Serve;
  readonly ids: RequestIds;
  readonly clock: Clock;
  readonly tls?: TlsFiles;
  /** Also of what never became a request. */
  readonly onAnswer?: (record: AnswerRecord) => void;
}

export interface Shell {
  /** Binds; port 0 picks a free one. In a cluster worker the port is shared with the other workers. */
  listen(where: { host: string; port: number }): Promise<AddressInfo>;
  /** Instead of listening: resolves with what takes connections that another process accepted. */
  adopt(): Promise<TakeConnection>;
  /** Accepts no more connections, answers what is under way, and resolves when all connections are closed or `timeoutMs` is over. */
  drain(timeoutMs: number): Promise<void>;
  /** Ends every connection at once. */
  close(): Promise<void>;
  isDraining(): boolean;
  /** For new connections. */
  replaceTls(files: TlsFiles): void;
}

const keepAliveMs = 65 * secondMs;
/** After the listener closed, requests that were already on their way over an open connection still come. */
const lateRequestsMs = secondMs;
const drainLookMs = 50;
/** Connections on which nothing was ever asked; Node does not count them as idle. */
const silentConnectionsMs = 3 * secondMs;

/** Bodies are not the shell's: without these it would load two compilers at each start. */
const noCompiler = () => () => {
  throw new Error('no route has a schema');
};
const noSchemas = { buildValidator: noCompiler, buildSerializer: noCompiler };

type AnyServer = Server | TlsServer;
type WithMark = IncomingMessage & { expectsContinue?: boolean; originalUrl?: string };

export function createShell(options: ShellOptions): Shell {
  const { serve, clock } = options;
  const servers: AnyServer[] = [];
  const refuse = createRefusal(options);
  const silent = new Set<Socket>();
  const crowd = createCrowd();
  let draining = false;

  const app = buildApp((handler) => {
    const server = buildServer(handler, options.tls);
    server.on(options.tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      crowd.join(socket);
      silent.add(socket);
      socket.once('close', () => silent.delete(socket));
    });
    // Without a listener Node hangs up on CONNECT without a word.
    server.on('connect', (_request, socket) => refuse(socket as Socket, new Error('CONNECT')));
    servers.push(server);
    return server;
  });

  app.addHook('onRequest', (request, reply, done) => {
    reply.hijack();
    const raw = request.raw as WithMark;
    silent.delete(raw.socket);
    const about = { rawUrl: raw.originalUrl ?? raw.url ?? '/', expectsContinue: raw.expectsContinue === true };
    void serve(raw, reply.raw, about);
    done();
  });

  function buildApp(serverFactory: (handler: Handler) => AnyServer): FastifyInstance {
    return fastify({
      serverFactory: serverFactory as never,
      rewriteUrl: () => '/', // nothing for the router to decode; what came is kept in originalUrl
      logger: false,
      return503OnClosing: false,
      schemaController: { compilersFactory: noSchemas },
      clientErrorHandler: (error, socket) => refuse(socket, error),
    }) as unknown as FastifyInstance;
  }

  const connections = async (): Promise<number> => {
    const counts = await Promise.all(
      servers.map(
        (server) => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count ?? 0))),
      ),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  };

  return {
    async listen({ host, port }) {
      await app.listen({ host, port, backlog: 4096 });
      return app.server.address() as AddressInfo;
    },
    async adopt() {
      await app.ready();
      const turnAway = (socket: Socket) => (options.tls ? socket.destroy() : refuse(socket, crowded()));
      return adoptConnections(servers[0] as Server, crowd.makeRoom, turnAway);
    },
    async drain(timeoutMs) {
      draining = true;
      const startedMs = clock.monotonicMs();
      const spentMs = (): number => clock.monotonicMs() - startedMs;
      // The listener alone: http's own close would cut idle connections on which a request may be arriving.
      for (const server of servers) if (server.listening) NetServer.prototype.close.call(server);
      while ((await connections()) > 0 && spentMs() < timeoutMs) {
        await clock.sleep(drainLookMs);
        if (spentMs() > lateRequestsMs) for (const server of servers) server.closeIdleConnections();
        if (spentMs() > silentConnectionsMs) for (const socket of silent) socket.destroy();
      }
    },
    async close() {
      draining = true;
      for (const server of servers) server.closeAllConnections();
      await app.close();
    },
    isDraining: () => draining,
    replaceTls(files) {
      for (const server of servers) if ('setSecureContext' in server) server.setSecureContext({ ...files });
    },
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

function buildServer(handler: Handler, tls: TlsFiles | undefined): AnyServer {
  const http: ServerOptions = {
    maxHeaderSize: caps.headerBytesMax + caps.urlBytesMax,
    headersTimeout: caps.headersTimeoutMs,
    // Bodies may take hours; body.ts asks for a minimum rate instead.
    requestTimeout: 0,
    connectionsCheckingInterval: 5 * secondMs,
    keepAliveTimeout: keepAliveMs,
    keepAlive: true,
    keepAliveInitialDelay: minuteMs,
    highWaterMark: 48 * KiB,
    insecureHTTPParser: false,
    joinDuplicateHeaders: true,
    requireHostHeader: false, // the pipeline asks, and answers in XML
  };
  const server = tls ? createTlsServer({ ...http, ...tls }, handler) : createServer(http, handler);
  server.maxHeadersCount = 0; // bounded by their bytes; a count would drop the rest silently
  server.on('checkContinue', (request: WithMark, response: ServerResponse) => {
    request.expectsContinue = true;
    handler(request, response);
  });
  // Any other expectation is answered by doing what was asked.
  server.on('checkExpectation', handler);
  return server;
}
