// The server of the pilot trials: one echogate in front of S3 partitions that have quotas, each in a capacity domain of its own, with buckets of a
// second echogate behind them. Demand is counted by a hurried clock, so that forecasts and ticks come in seconds; quotas hold as they are.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Pool } from 'undici';
import type { Decision } from '../../src/pilot/pilot.ts';
import { freePorts } from '../../test/support/ports.ts';
import { presignedTarget } from '../../test/support/quick-sign.ts';
import { type RunningServer, startServer } from '../../test/support/server.ts';

const keys = { accessKey: 'PILOTBENCHKEY0000001', secretKey: 'pilot-bench-secret-key-000000000000000001' };
const credentials = `{ accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }`;
const run = promisify(execFile);
const journalMax = 1000;

export interface Backend {
  readonly port: number;
  readonly server: RunningServer;
}

export async function startBackend(dir: string): Promise<Backend> {
  const [port = 0, admin = 0] = await freePorts(2);
  const server = await startServer({
    args: ['up', join(dir, 'backend'), '--port', String(port), '--admin-port', String(admin)],
    adminUrl: `http://127.0.0.1:${admin}`,
    env: {
      ECHOGATE_ACCESS_KEY: keys.accessKey,
      ECHOGATE_SECRET_KEY: keys.secretKey,
      ECHOGATE_WORKERS: '1',
      ECHOGATE_FORECAST_ENABLED: 'false',
    },
  });
  return { port, server };
}

/** The text of an S3 place in the configuration. */
export const s3Line = (port: number, bucket: string): string =>
  `{ endpoint: 'http://127.0.0.1:${port}', bucket: '${bucket}', createBucket: true, credentials: ${credentials} }`;
/** Pools make their buckets without being told to. */
export const poolLine = (port: number, bucket: string): string =>
  s3Line(port, bucket).replace(' createBucket: true,', '');

export interface HurriedClock {
  readonly atMs: number;
  readonly fromMs: number;
  readonly factor: number;
}

export interface GatewayOptions {
  readonly dir: string;
  readonly name: string;
  readonly mode: 'off' | 'auto';
  /** Lines of the file: partitions, pools and what a trial sets besides. */
  readonly settings: readonly string[];
  /** Of demand. Undefined: nothing is counted, for the fleet is only filled. */
  readonly clock: HurriedClock | undefined;
  /** Further orders for trials. */
  readonly trial?: object;
}

export interface Answered {
  readonly status: number;
  readonly body: Buffer;
}

export class Gateway {
  readonly name: string;
  readonly dir: string;
  readonly #ports: readonly number[];
  readonly #server: RunningServer;
  readonly #pool: Pool;
  readonly #token: string;

  static async start(options: GatewayOptions): Promise<Gateway> {
    const { name, mode, settings, clock, trial } = options;
    const dir = join(options.dir, name);
    mkdirSync(dir, { recursive: true });
    const ports = await freePorts(2);
    const [port = 0, admin = 0] = ports;
    const file = join(dir, 'echogate.yaml');
    const lines = [
      `data: ${join(dir, 'data')}`,
      `listen: 127.0.0.1:${port}`,
      `admin: 127.0.0.1:${admin}`,
      'workers: 1',
      'log: { level: warn }',
      `users: [{ name: bench, accessKey: ${keys.accessKey}, secretKey: ${keys.secretKey} }]`,
      `pilot: { mode: ${mode} }`,
      ...settings,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    const server = await startServer({
      args: ['serve', '--config', file],
      adminUrl: `http://127.0.0.1:${admin}`,
      env: {
        ECHOGATE_TRIAL: JSON.stringify({ ...(clock && { demandClock: clock }), ...trial }),
        ECHOGATE_FORECAST_ENABLED: String(clock !== undefined),
      },
    });
    const token = (await readFile(join(dir, 'data/admin-token'), 'utf8')).trim();
    return new Gateway({ ...options, dir }, ports, server, token);
  }

  private constructor(options: GatewayOptions, ports: readonly number[], server: RunningServer, token: string) {
    this.name = options.name;
    this.dir = options.dir;
    this.#ports = ports;
    this.#server = server;
    this.#token = token;
    this.#pool = new Pool(`http://127.0.0.1:${ports[0]}`, { connections: 512, headersTimeout: 60_000 });
  }

  output(): string {
    return this.#server.output();
  }

  async ask(method: 'GET' | 'PUT' | 'DELETE', path: string, body?: Buffer): Promise<Answered> {
    const target = presignedTarget({ method, host: `127.0.0.1:${this.#ports[0]}`, path }, keys);
    const answer = await this.#pool.request({ method, path: target, body: body ?? null });
    return { status: answer.statusCode, body: Buffer.from(await answer.body.arrayBuffer()) };
  }

  async admin<T>(path: string): Promise<T> {
    const answer = await fetch(`http://127.0.0.1:${this.#ports[1]}${path}`, {
      headers: { authorization: `Bearer ${this.#token}` },
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** What a command says. */
  async command(...args: readonly string[]): Promise<string> {
    const all = [join(process.cwd(), 'bin/echogate.js'), ...args, '--config', join(this.dir, 'echogate.yaml')];
    return (await run(process.execPath, all, { maxBuffer: 256 * 1024 * 1024 })).stdout;
  }

  /** The oldest first. */
  async journal(): Promise<readonly Decision[]> {
    const text = await this.command('journal', '--json', '--limit', String(journalMax));
    return (JSON.parse(text) as { readonly decisions: readonly Decision[] }).decisions.toReversed();
  }

  /** Of the object at `bucket/key`. */
  async partitionOf(path: string): Promise<string> {
    const slash = path.indexOf('/');
    const asked = new URLSearchParams({ bucket: path.slice(0, slash), key: path.slice(slash + 1) });
    const { blocks } = await this.admin<{ readonly blocks: readonly { readonly partition: string }[] }>(
      `/v1/info?${asked}`,
    );
    return blocks[0]!.partition;
  }

  async stop(): Promise<void> {
    await this.#pool.destroy();
    await this.#server.stop();
  }
}
