// Starts the built `echogate` as a user would, waits until it is ready, stops it by its id.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RunningServer {
  readonly process: ChildProcess;
  /** stdout and stderr so far. */
  output(): string;
  /** SIGTERM, then SIGKILL after the grace; resolves with the exit code. */
  stop(graceMs?: number): Promise<number | null>;
}

export interface StartOptions {
  readonly args: readonly string[];
  readonly adminUrl: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly readyMsMax?: number;
  readonly lookEveryMs?: number;
}

/** Characters of the newest: minutes of failures, one line each, are looked through by trials. */
const outputKept = 4_000_000;

export async function startServer(options: StartOptions): Promise<RunningServer> {
  const child = spawn(process.execPath, [join(process.cwd(), 'bin/echogate.js'), ...options.args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
    if (output.length > 2 * outputKept) output = output.slice(-outputKept);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exited = new Promise<number | null>((done) => child.once('exit', done));
  const server: RunningServer = {
    process: child,
    output: () => output,
    stop: async (graceMs = 40_000) => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
  };
  const deadlineMs = Date.now() + (options.readyMsMax ?? 30_000);
  while (Date.now() < deadlineMs) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`echogate ended with ${child.exitCode ?? child.signalCode}:\n${output}`);
    const ready = await fetch(`${options.adminUrl}/readyz`).catch(() => undefined);
    if (ready?.status === 200) return server;
    await sleep(options.lookEveryMs ?? 50);
  }
  await server.stop(1_000);
  throw new Error(`echogate was not ready in time:\n${output}`);
}
