// The fleet of the echo trials: one echogate in front of twelve S3 partitions, each with a quota, and a second echogate as the backend of all of
// them, behind relays that give every partition its service time.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { freePorts } from '../../test/support/ports.ts';
import { presignedTarget } from '../../test/support/quick-sign.ts';
import { type RunningServer, startServer } from '../../test/support/server.ts';
import type { ServiceOrder } from './service-process.ts';

export const partitionCount = 12;

/** What each partition can do. */
export interface Service {
  /** Its quota: reads per second. */
  readonly readOps: number;
  /** Of its service time, which is log-normal. */
  readonly meanMs: number;
  readonly sigma: number;
}

/** As providers limit a prefix or an account: so many requests a second, each of them quick. */
export const usualService: Service = { readOps: 40, meanMs: 20, sigma: 0.5 };
/** Reads per second that all partitions together grant. */
export const fleetPerSec = partitionCount * usualService.readOps;
export const serviceLine = `${partitionCount} S3 partitions, quota of each ${usualService.readOps} reads/s, ${fleetPerSec} in all; service time log-normal, mean ${usualService.meanMs} ms, σ ${usualService.sigma}`;

const keys = { accessKey: 'ECHOBENCHKEY00000001', secretKey: 'echo-bench-secret-key-0000000000000000001' };
export const partitionName = (at: number): string => `p${String(at + 1).padStart(2, '0')}`;

export interface Answered {
  readonly status: number;
  readonly body: Buffer;
  /** `primary`, `echo:<partition>` or `hedge`. */
  readonly copy: string | undefined;
  readonly retryAfter: string | undefined;
}

interface Parts {
  readonly dir: string;
  readonly front: readonly [port: number, adminPort: number];
  readonly backendPort: number;
  readonly relayPorts: readonly number[];
  readonly service: Service;
  readonly backend: RunningServer;
  readonly relays: ChildProcess;
}

export interface EchoShown {
  readonly block: string;
  readonly partition: string;
  readonly state: string;
}

export interface BlockShown {
  readonly id: string;
  readonly partition: string;
}

export class Fleet {
  readonly #parts: Parts;
  #server: RunningServer | undefined;
  #pool: Pool | undefined;
  #token = '';

  static async start(dir: string, service: Service = usualService): Promise<Fleet> {
    mkdirSync(dir, { recursive: true });
    const ports = await freePorts(4 + partitionCount);
    const [port = 0, adminPort = 0, backendPort = 0, backendAdmin = 0, ...relayPorts] = ports;
    const backend = await startServer({
      args: ['up', join(dir, 'backend'), '--port', String(backendPort), '--admin-port', String(backendAdmin)],
      adminUrl: `http://127.0.0.1:${backendAdmin}`,
      env: {
        ECHOGATE_ACCESS_KEY: keys.accessKey,
        ECHOGATE_SECRET_KEY: keys.secretKey,
        ECHOGATE_WORKERS: '1',
        ECHOGATE_FORECAST_ENABLED: 'false',
      },
    });
    const asked = { backendPort, ports: relayPorts, meanMs: service.meanMs, sigma: service.sigma };
    const script = fileURLToPath(new URL('./service-process.js', import.meta.url));
    const relays = fork(script, [JSON.stringify(asked)], { execArgv: [] });
    await new Promise((resolve) => relays.once('message', resolve));
    return new Fleet({ dir, front: [port, adminPort], backendPort, relayPorts, service, backend, relays });
  }

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The gateway, anew; what was stored stays. `settings`: lines of the file beside those of the trial. */
  async serve(settings: readonly string[] = []): Promise<void> {
    await this.#stopServing();
    const { dir, front, relayPorts, service } = this.#parts;
    const [port, adminPort] = front;
    const file = join(dir, 'echogate.yaml');
    writeFileSync(
      file,
      [
        `data: ${join(dir, 'data')}`,
        `listen: 127.0.0.1:${port}`,
        `admin: 127.0.0.1:${adminPort}`,
        'workers: 1',
        'log: { level: warn }',
        'users:',
        `  - { name: bench, accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }`,
        'partitions:',
        ...relayPorts.map((relay, at) => partitionLine(partitionName(at), relay, service.readOps)),
        ...settings,
        '',
      ].join('\n'),
    );
    this.#server = await startServer({
      args: ['serve', '--config', file],
      adminUrl: `http://127.0.0.1:${adminPort}`,
    });
    this.#token = (await readFile(join(dir, 'data/admin-token'), 'utf8')).trim();
    this.#pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1024, headersTimeout: 60_000 });
    // Those of a trial before would be in the way.
    await this.admin('POST', '/v1/echoes/drop', { all: true });
  }

  /** A service time `factor` times as long; or none at all. */
  async order(order: ServiceOrder): Promise<void> {
    const { relays } = this.#parts;
    relays.send(order);
    await new Promise((resolve) => relays.once('message', resolve));
  }

  target(method: 'GET' | 'PUT' | 'HEAD' | 'DELETE', path: string): string {
    return presignedTarget({ method, host: `127.0.0.1:${this.#parts.front[0]}`, path }, keys);
  }

  async ask(
    method: 'GET' | 'PUT' | 'HEAD' | 'DELETE',
    target: string,
    body: Buffer | undefined = undefined,
  ): Promise<Answered> {
    const answer = await this.#pool!.request({ method, path: target, body: body ?? null });
    const { 'x-echogate-copy': copy, 'retry-after': retryAfter } = answer.headers;
    return {
      status: answer.statusCode,
      body: Buffer.from(await answer.body.arrayBuffer()),
      copy: copy as string | undefined,
      retryAfter: retryAfter as string | undefined,
    };
  }

  async admin(verb: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${this.#parts.front[1]}${path}`, {
      method: verb,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${verb} ${path} answered ${answer.status}: ${await answer.text()}`);
    return await answer.json();
  }

  /** Sum of the samples whose line begins like this. */
  async metric(pattern: RegExp): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${this.#parts.front[1]}/metrics`, {
      headers: { authorization: `Bearer ${this.#token}` },
    });
    const lines = (await answer.text()).split('\n').filter((line) => pattern.test(line));
    return lines.reduce((all, line) => all + Number(line.split(' ').at(-1)), 0);
  }

  /** Straight to the backend: what a partition holds. */
  backendTarget(method: 'GET' | 'PUT', path: string): { readonly origin: string; readonly target: string } {
    const host = `127.0.0.1:${this.#parts.backendPort}`;
    return { origin: `http://${host}`, target: presignedTarget({ method, host, path }, keys) };
  }

  async echoes(): Promise<readonly EchoShown[]> {
    const { echoes } = (await this.admin('GET', '/v1/echoes?limit=10000')) as { readonly echoes: readonly EchoShown[] };
    return echoes;
  }

  /** Of the object at `bucket/key`. */
  async blocksOf(path: string): Promise<readonly BlockShown[]> {
    const slash = path.indexOf('/');
    const asked = new URLSearchParams({ bucket: path.slice(0, slash), key: path.slice(slash + 1) });
    return ((await this.admin('GET', `/v1/info?${asked}`)) as { readonly blocks: readonly BlockShown[] }).blocks;
  }

  async #stopServing(): Promise<void> {
    await this.#pool?.destroy();
    await this.#server?.stop();
    this.#server = undefined;
  }

  async stop(): Promise<void> {
    await this.#stopServing();
    this.#parts.relays.disconnect();
    await this.#parts.backend.stop();
  }
}

function partitionLine(id: string, port: number, readOps: number): string {
  const credentials = `{ accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }`;
  const s3 = `{ endpoint: 'http://127.0.0.1:${port}', bucket: ${id}, createBucket: true, credentials: ${credentials} }`;
  return `  - { id: ${id}, s3: ${s3}, quota: { readOps: ${readOps} } }`;
}
