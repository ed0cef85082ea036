// The front door of the gateway: S3 over HTTP in front of the stories. One per worker process; workers of a cluster share the port.
import type { AddressInfo } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { UserDirectory } from '../model/identity.ts';
import type { Objects } from '../objects/objects.ts';
import { authorise } from './access.ts';
import type { TakeConnection } from './adopt-connections.ts';
import type { AnswerRecord } from './exchange.ts';
import { createProxyTrust } from './forwarded.ts';
import { loadOperations, type OperationTable, tableOf } from './operations.ts';
import { createPipeline } from './pipeline.ts';
import { compileProtocol, type Protocol } from './protocol/protocol.ts';
import { createRequestIds } from './request-ids.ts';
import { createServe } from './serve.ts';
import { createShell, type TlsFiles } from './server.ts';
import { createVerifier } from './signature.ts';

export type { AnswerRecord } from './exchange.ts';
export type { TlsFiles } from './server.ts';

export interface GatewayOptions {
  readonly objects: Objects;
  readonly users: UserDirectory;
  readonly region: string;
  /** Further regions that clients may sign for. */
  readonly regions?: readonly string[];
  readonly profile: 'aws' | 'rgw';
  /** Answers to GetObject say which copy their bytes came from (x-echogate-copy). */
  readonly showsCopy?: boolean;
  /** Base domains whose sub-domains are buckets. */
  readonly domains: readonly string[];
  /** Addresses and CIDR blocks whose X-Forwarded-* headers are believed. */
  readonly trustedProxies?: readonly string[];
  readonly tls?: TlsFiles;
  readonly clock: Clock;
  readonly random: Random;
  /** Once per request, when its connection is done with it: access log and metrics. */
  readonly onAnswer?: (record: AnswerRecord) => void;
}

export interface Gateway {
  /** Names of the operations that are built. */
  readonly operations: readonly string[];
  /** Binds; port 0 picks a free one. */
  listen(where: { host: string; port: number }): Promise<AddressInfo>;
  /** Instead of listening: resolves with what takes connections that another process accepted. */
  adopt(): Promise<TakeConnection>;
  /** Accepts no more connections, answers what is under way; resolves when all are closed or `timeoutMs` is over. */
  drain(timeoutMs: number): Promise<void>;
  /** Ends every connection at once. */
  close(): Promise<void>;
  /** Certificates for new connections. */
  replaceTls(files: TlsFiles): void;
}

interface Spoken {
  readonly protocol: Protocol;
  readonly table: OperationTable;
}

let spoken: Promise<Spoken> | undefined;

/** AWS's model and the operations, compiled once per process: most of what a start costs, and known before anything is to be served. */
export function prepareGateway(): Promise<Spoken> {
  spoken ??= loadOperations().then((operations) => {
    const protocol = compileProtocol();
    return { protocol, table: tableOf(operations, protocol) };
  });
  return spoken;
}

export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { clock, profile } = options;
  const { protocol, table } = await prepareGateway();
  const ids = createRequestIds(options.random);
  const answer = createPipeline({
    ...options,
    protocol,
    table,
    verifier: createVerifier({ ...options, selectors: protocol.selectors }),
    authorise,
    isTrustedProxy: createProxyTrust(options.trustedProxies ?? []),
  });
  const noting = options.onAnswer && { onAnswer: options.onAnswer };
  const serve = createServe({
    answer,
    clock,
    ids,
    profile,
    ...noting,
    isDraining: () => shell.isDraining(),
  });
  const shell = createShell({ serve, ids, clock, ...noting, ...(options.tls && { tls: options.tls }) });
  return {
    operations: [...table.keys()],
    listen: shell.listen,
    adopt: shell.adopt,
    drain: shell.drain,
    close: shell.close,
    replaceTls: shell.replaceTls,
  };
}
