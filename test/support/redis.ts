// A Redis for tests: one that ECHOGATE_TEST_REDIS_URL names, else `redis-server` on PATH, else Debian's, fetched and unpacked (not
// installed) below node_modules/.cache. A machine that can have none is told so loudly; in CI that fails.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './ports.ts';

const cache = join(import.meta.dirname, '../../node_modules/.cache/echogate-redis');
/** What Debian's server needs beyond a bare system; the names of libraries differ between releases. */
const wanted = [
  'redis-server',
  'redis-tools',
  'liblzf1',
  'libjemalloc2',
  'libatomic1',
  'liblua5.1-0',
  'lua-cjson',
  'lua-bitop',
];

export interface RedisProgram {
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The server of this machine, or the reason why there is none. */
export function findRedis(): RedisProgram | string {
  const installed = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'redis-server'));
  const file = installed.find((name) => existsSync(name));
  if (file !== undefined) return { file, env: process.env };
  try {
    return unpacked() ?? fetched();
  } catch (error) {
    return `no redis-server on PATH, and Debian's cannot be fetched: ${(error as Error).message.trim()}`;
  }
}

function unpacked(): RedisProgram | undefined {
  const file = join(cache, 'root/usr/bin/redis-server');
  if (!existsSync(file)) return undefined;
  const libraries = join(cache, 'root/usr/lib');
  const folders = [libraries, ...readdirSync(libraries).map((name) => join(libraries, name))];
  const env = { ...process.env, LD_LIBRARY_PATH: folders.join(':') };
  execFileSync(file, ['--version'], { env, stdio: 'pipe' });
  return { file, env };
}

/** Into a folder of its own first: several test files may want it at once. */
function fetched(): RedisProgram {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'fetch-'));
  try {
    // Where the system's lists are missing or old, lists of our own are fetched; that needs no rights either.
    const lists = join(folder, 'lists');
    mkdirSync(join(lists, 'partial'), { recursive: true });
    const own = [
      '-o',
      `Dir::State::Lists=${lists}`,
      '-o',
      `Dir::Cache=${folder}/cache`,
      '-o',
      'APT::Sandbox::User=root',
    ];
    try {
      download(folder, []);
    } catch {
      execFileSync('apt-get', [...own, 'update'], { stdio: 'pipe' });
      download(folder, own);
    }
    const packages = readdirSync(folder).filter((name) => name.endsWith('.deb'));
    for (const name of packages) execFileSync('dpkg-deb', ['-x', name, 'root'], { cwd: folder, stdio: 'pipe' });
    try {
      renameSync(join(folder, 'root'), join(cache, 'root'));
    } catch (error) {
      if (unpacked() === undefined) throw error; // else another was first
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const program = unpacked();
  if (program === undefined) throw new Error('the packages hold no redis-server');
  return program;
}

function download(folder: string, options: readonly string[]): void {
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { cwd: folder, stdio: 'pipe' });
  const policy = run('apt-cache', ...options, 'policy', ...wanted).toString();
  const known = [...policy.matchAll(/^(\S+):\n.*\n\s+\S+ \d/gm)].map(([, name]) => name!);
  run('apt-get', ...options, 'download', ...new Set(['redis-server', ...known]));
}

/** A server of the test's own on a loopback port, that can be killed, stopped and started again; it keeps nothing on disk. */
export class RedisServer {
  readonly port: number;
  readonly #program: RedisProgram;
  readonly #options: readonly string[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'echogate-redis-'));
  #process: ChildProcess | undefined;

  private constructor(program: RedisProgram, port: number, options: readonly string[]) {
    this.#program = program;
    this.port = port;
    this.#options = options;
  }

  static async start(program: RedisProgram, options: readonly string[] = []): Promise<RedisServer> {
    const [port] = await freePorts(1);
    const server = new RedisServer(program, port!, options);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const { file, env } = this.#program;
    const own = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn(file, [...own, '--dir', this.#folder, ...this.#options], { env, stdio: 'ignore' });
    this.#process = child;
    const end = (): void => void child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    for (let tries = 0; !(await answers(this.port)); tries++) {
      if (child.exitCode !== null || tries > 500) throw new Error(`${file} does not start on port ${this.port}`);
      await sleep(20);
    }
  }

  /** SIGKILL; what it held is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** It keeps its connections and answers nothing. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    const end = (is: boolean) => () => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', end(true)).once('error', end(false));
  });

/**
 * What tests of a file run against, found before they are declared. `program` is undefined on a machine that can have none: the file then
 * skips, having said so; with CI set it throws. `url` is the server that somebody else runs; tests that kill one need the program.
 */
export function redisForTests(): { readonly program?: RedisProgram; readonly url?: string } {
  const url = process.env.ECHOGATE_TEST_REDIS_URL;
  const found = findRedis();
  if (typeof found !== 'string') return url === undefined ? { program: found } : { program: found, url };
  if (process.env.CI) throw new Error(`tests with Redis may not be skipped in CI: ${found}`);
  const what = url === undefined ? 'ALL TESTS WITH REDIS ARE' : 'TESTS THAT KILL A REDIS ARE';
  process.stderr.write(`\n*** ${what} SKIPPED: ${found} ***\n\n`);
  return url === undefined ? {} : { url };
}
