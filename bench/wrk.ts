// wrk, the load generator: one run of one load, its figures. Targets are signed beforehand and lie in a file, see load.lua.
import { spawn, spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Load {
  readonly method: 'GET' | 'PUT';
  /** Path and query each, signed; sent in turn, from the first again after the last. */
  readonly targets: readonly string[];
  /** A file; its bytes are the body of every request. */
  readonly body?: string;
  readonly connections: number;
  readonly seconds: number;
  /** Each connection waits so long before each of its requests; 0 when left out. */
  readonly waitMs?: number;
}

export interface Measured {
  readonly requests: number;
  readonly seconds: number;
  /** Received, heads included. */
  readonly bytes: number;
  /** Answers other than 2xx and 3xx, and requests that got none. */
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const wrkMissing = (): string | undefined =>
  spawnSync('wrk', ['-v']).error === undefined
    ? undefined
    : 'the load generator wrk is not on the PATH; on Debian and Ubuntu: apt-get install wrk, on a Mac: brew install wrk';

const threadsMax = 2;
const timeoutSec = 60;
let runs = 0;

/** `dir` takes the file of targets while the run goes on. */
export async function runWrk(origin: string, load: Load, dir: string): Promise<Measured> {
  const targets = join(dir, `targets-${++runs}`);
  await writeFile(targets, `${load.targets.join('\n')}\n`);
  const threads = Math.min(threadsMax, load.connections, load.targets.length);
  const args = [
    ...['-t', threads, '-c', load.connections, '-d', `${load.seconds}s`, '--timeout', `${timeoutSec}s`],
    ...['-s', join(process.cwd(), 'bench/load.lua'), origin, '--'],
    ...[load.method, new URL(origin).host, targets, load.body ?? '-', threads, load.waitMs ?? 0],
  ];
  try {
    return figures(await stderrOf('wrk', args.map(String), load.seconds + 2 * timeoutSec));
  } finally {
    await rm(targets);
  }
}

function figures(stderr: string): Measured {
  const line = stderr.split('\n').find((one) => one.startsWith('{'));
  if (line === undefined) throw new Error(`wrk gave no figures: ${stderr}`);
  const told = JSON.parse(line) as Record<string, number>;
  return {
    requests: told.requests!,
    seconds: told.micros! / 1e6,
    bytes: told.bytes!,
    errors: told.connect! + told.read! + told.write! + told.status! + told.timeout!,
    p50Ms: told.p50! / 1e3,
    p99Ms: told.p99! / 1e3,
  };
}

function stderrOf(command: string, args: readonly string[], secondsMax: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: secondsMax * 1000 });
    const kill = (): void => void child.kill();
    process.once('exit', kill); // a bench that is interrupted leaves no load behind
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('exit', kill);
      if (code === 0) resolve(stderr);
      else reject(new Error(`wrk ended with ${code}: ${stderr}`));
    });
  });
}
