// S3 servers to compare with, started from their binaries on loopback with a folder of their own: `--start minio=PATH`.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../test/support/ports.ts';
import { familyOf } from '../process-figures.ts';
import type { Arm } from './arm.ts';
import { end } from './child.ts';
import { closePool, makeBucket, storeByPut } from './s3-client.ts';

const keys = { accessKey: 'BENCHKEY000000000001', secretKey: 'bench-secret-key-00000000000000000000001' };

interface Recipe {
  readonly args: (port: number, dir: string) => readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** As each one's own documentation starts it. */
const recipes: Readonly<Record<string, Recipe>> = {
  versitygw: {
    args: (port, dir) => ['--port', `127.0.0.1:${port}`, '--iam-dir', join(dir, 'iam'), 'posix', join(dir, 'root')],
    env: { ROOT_ACCESS_KEY: keys.accessKey, ROOT_SECRET_KEY: keys.secretKey },
  },
  minio: {
    args: (port, dir) => ['server', join(dir, 'root'), '--address', `127.0.0.1:${port}`],
    env: { MINIO_ROOT_USER: keys.accessKey, MINIO_ROOT_PASSWORD: keys.secretKey, MINIO_BROWSER: 'off' },
  },
};

export interface Startable {
  readonly name: string;
  readonly path: string;
}

/** A sentence where the text is no such thing. */
export function parseStartable(text: string): Startable | string {
  const [, name, path] = /^([\w-]+)(?:=(.+))?$/.exec(text) ?? [];
  if (name === undefined || recipes[name] === undefined) {
    return `--start knows ${Object.keys(recipes).join(' and ')}, not ${text}; others: start them yourself and use --against`;
  }
  return { name, path: path ?? name };
}

const readyMsMax = 30_000;

export async function startStartable({ name, path }: Startable, dir: string): Promise<Arm> {
  const { args, env } = recipes[name]!;
  const [port = 0] = await freePorts(1);
  for (const folder of ['iam', 'root']) mkdirSync(join(dir, folder), { recursive: true });
  const child = spawn(path, args(port, dir), { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-20_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${output.slice(-2_000)}`)));
  });
  failed.catch(() => {});
  const arm: Arm = {
    ...{ name, origin: `http://127.0.0.1:${port}`, ...keys, bucket: 'bench' },
    pids: familyOf(child.pid ?? 0),
    store: storeByPut(() => arm),
    stop: async () => {
      await closePool(arm.origin);
      await end(child);
    },
  };
  try {
    await Promise.race([failed, makeBucketWhenReady(arm)]);
  } catch (error) {
    await arm.stop();
    throw error;
  }
  return arm;
}

async function makeBucketWhenReady(arm: Arm): Promise<void> {
  for (const deadline = Date.now() + readyMsMax; ; ) {
    try {
      await makeBucket(arm);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}
