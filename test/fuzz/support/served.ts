// The built `echogate` with two workers as fuzzers meet it: three users, ports of its own, and what its workers hold from the system.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../../support/ports.ts';
import { startServer } from '../../support/server.ts';
import type { Credentials } from '../../support/sign.ts';

export interface FuzzUser extends Credentials {
  readonly name: string;
  readonly canonicalId: string;
}

const user = (name: string, digit: string): FuzzUser => ({
  name,
  accessKey: `FUZZ.${name}+KEY`,
  secretKey: `secret/of+${name}/${'x'.repeat(20)}`,
  canonicalId: digit.repeat(64),
});
export const owner = user('owner', 'a');
export const other = user('other', 'b');
export const third = user('third', 'c');

export interface Held {
  /** Of the worker that has most; undefined where the system does not tell. */
  readonly anonMiB: number | undefined;
  /** Of both workers together. */
  readonly descriptors: number | undefined;
}

export interface FuzzServer {
  readonly port: number;
  readonly authority: string;
  /** Process ids; they change when a worker was replaced. */
  workers(): Promise<readonly number[]>;
  held(): Promise<Held>;
  /** Lines of its log that speak of an error. */
  complaints(): string[];
  stop(): Promise<void>;
}

const adminToken = 'token-of-the-fuzzed-server';

/** `settings`: further lines of its configuration. */
export async function serveFuzzed(dir: string, settings: readonly string[] = []): Promise<FuzzServer> {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  const file = join(dir, 'config.yaml');
  const lines = [
    `listen: 127.0.0.1:${port}`,
    `admin: 127.0.0.1:${adminPort}`,
    `adminToken: ${adminToken}`,
    `data: ${JSON.stringify(join(dir, 'data'))}`,
    'workers: 2',
    'log: { level: warn }',
    ...settings,
    'users:',
    ...[owner, other, third].map((each) => `  - ${JSON.stringify(each)}`),
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const server = await startServer({ args: ['serve', '--config', file], adminUrl, readyMsMax: 120_000 });
  const workers = async (): Promise<readonly number[]> => {
    for (;;) {
      const asked = await fetch(`${adminUrl}/v1/status`, { headers: { authorization: `Bearer ${adminToken}` } });
      const { workers: seats } = (await asked.json()) as { workers: { pid: number }[] };
      if (seats.length === 2) return seats.map(({ pid }) => pid);
      await new Promise((done) => setTimeout(done, 50));
    }
  };
  return {
    port,
    authority: `127.0.0.1:${port}`,
    workers,
    async held() {
      const each = await Promise.all((await workers()).map(heldBy));
      if (each.some((one) => one === undefined)) return { anonMiB: undefined, descriptors: undefined };
      return {
        anonMiB: Math.max(...each.map((one) => one!.anonMiB)),
        descriptors: each.reduce((sum, one) => sum + one!.descriptors, 0),
      };
    },
    complaints: () =>
      server
        .output()
        .split('\n')
        .filter((line) => /"level":(50|60|"error"|"fatal")/.test(line)),
    stop: async () => void (await server.stop(10_000)),
  };
}

async function heldBy(pid: number) {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const descriptors = (await readdir(`/proc/${pid}/fd`)).length;
    return { anonMiB: Number(/^RssAnon:\s+(\d+)/m.exec(status)![1]) / 1024, descriptors };
  } catch {
    return undefined;
  }
}
