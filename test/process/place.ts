// A directory for one test file and the commands that run in it.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../support/ports.ts';
import { type RunningServer, startServer } from '../support/server.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Served extends RunningServer {
  readonly endpoint: string;
  readonly adminUrl: string;
  readonly port: number;
  readonly adminPort: number;
}

export interface Place {
  readonly dir: string;
  /** Runs a command to its end. */
  run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended>;
  /** `echogate <args> --port … --admin-port …`, ready. */
  serve(args: readonly string[], env?: NodeJS.ProcessEnv, ports?: readonly [number, number]): Promise<Served>;
  remove(): Promise<void>;
}

/** What the machine's own environment must not decide. */
const clean: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(ECHOGATE|AWS)_/.test(name)),
);
const bin = join(process.cwd(), 'bin/echogate.js');

export async function makePlace(): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'echogate-process-'));
  const running = new Set<RunningServer>();
  return {
    dir,
    run: (args, env = {}) =>
      new Promise((resolve) => {
        execFile(
          process.execPath,
          [bin, ...args],
          { cwd: dir, env: { ...clean, ...env }, timeout: 40_000, maxBuffer: 64 * 1024 * 1024 },
          (error, stdout, stderr) => resolve({ code: exitCode(error), stdout, stderr }),
        );
      }),
    async serve(args, env = {}, ports) {
      const [port = 0, adminPort = 0] = ports ?? (await freePorts(2));
      const isTls = args.includes('--tls-cert');
      const adminUrl = `http://127.0.0.1:${adminPort}`;
      const all = [...args, '--port', String(port), '--admin-port', String(adminPort)];
      const blank = Object.fromEntries(
        Object.keys(process.env)
          .filter((name) => /^(ECHOGATE|AWS)_/.test(name))
          .map((name) => [name, undefined]),
      );
      const server = await startServer({ args: all, adminUrl, env: { ...blank, ...env } });
      running.add(server);
      server.process.once('exit', () => running.delete(server));
      if (args[0] === 'up') await until(async () => server.output().includes('Ctrl-C') || undefined, 'the welcome');
      const endpoint = `${isTls ? 'https' : 'http'}://127.0.0.1:${port}`;
      return { ...server, endpoint, adminUrl, port, adminPort };
    },
    async remove() {
      await Promise.all([...running].map((server) => server.stop(5_000)));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function exitCode(error: Error | null): number {
  if (error === null) return 0;
  const { code } = error as Error & { code?: number | string };
  return typeof code === 'number' ? code : -1;
}

/** Asks until it is so. */
export async function until<T>(ask: () => Promise<T | undefined>, what: string, msMax = 20_000): Promise<T> {
  const deadlineMs = Date.now() + msMax;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    if (Date.now() > deadlineMs) throw new Error(`waited in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}
