// The product, as a user gets it: `echogate up` in an empty folder, nothing set but ports and keys.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../../test/support/ports.ts';
import { startServer } from '../../test/support/server.ts';
import type { Arm } from './arm.ts';
import { closePool, makeBucket, storeByPut } from './s3-client.ts';

export interface EchogateArm extends Arm {
  /** A sample of /metrics, e.g. `echogate_catalog_bytes{part="live"}`; undefined where there is none. */
  metric(sample: string): Promise<number | undefined>;
}

export interface EchogateOptions {
  readonly name?: string;
  /** Where workers that are told to (SIGUSR2) write a profile. */
  readonly profiles?: string;
  /** A configuration file: served as it says, instead of `up`. */
  readonly config?: string;
  /** Settings by the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function startEchogate(
  dir: string,
  { name = 'echogate', profiles, env, config }: EchogateOptions = {},
): Promise<EchogateArm> {
  const [port = 0, adminPort = 0] = await freePorts(2);
  const keys = { accessKey: 'BENCHKEY000000000001', secretKey: 'bench-secret-key-00000000000000000000001' };
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  const server = await startServer({
    args: [
      ...(config === undefined ? ['up', join(dir, 'data')] : ['serve', '--config', config]),
      ...['--port', String(port), '--admin-port', String(adminPort)],
    ],
    adminUrl,
    env: {
      ...env,
      ...(config !== undefined && { ECHOGATE_DATA: join(dir, 'data') }),
      ECHOGATE_ACCESS_KEY: keys.accessKey,
      ECHOGATE_SECRET_KEY: keys.secretKey,
      ...(profiles !== undefined && {
        NODE_OPTIONS: `--import ${new URL('../profile-hook.js', import.meta.url).href}`,
        BENCH_PROFILES: profiles,
      }),
    },
  });
  const token = (await readFile(join(dir, 'data/admin-token'), 'utf8')).trim();
  const admin = (path: string) => fetch(`${adminUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const arm: EchogateArm = {
    ...{ name, origin: `http://127.0.0.1:${port}`, ...keys, bucket: 'bench' },
    pids: await workerPids(admin),
    store: storeByPut(() => arm),
    metric: async (sample) => {
      const text = await (await admin('/metrics')).text();
      const line = text.split('\n').find((one) => one.startsWith(`${sample} `));
      return line === undefined ? undefined : Number(line.slice(sample.length));
    },
    stop: async () => {
      await closePool(arm.origin);
      await server.stop();
    },
  };
  try {
    await makeBucket(arm);
  } catch (error) {
    await arm.stop();
    throw error;
  }
  return arm;
}

/** The server is ready with its first worker; a measurement wants them all. */
async function workerPids(admin: (path: string) => Promise<Response>): Promise<number[]> {
  for (let tries = 0; ; tries++) {
    const readiness = await (await admin('/readyz?verbose')).text();
    const [, ready, wanted] = /(\d+) of (\d+) ready/.exec(readiness) ?? [];
    const { workers } = (await (await admin('/v1/status')).json()) as { workers: { pid: number }[] };
    if (ready !== undefined && ready === wanted && workers.length === Number(wanted))
      return workers.map(({ pid }) => pid);
    if (tries > 200) throw new Error(`not all workers became ready: ${readiness}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
