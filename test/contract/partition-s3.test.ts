// The backend is a second echogate, or whatever S3_ENDPOINT points at (with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom, systemRandom } from '../../src/base/random.ts';
import type { S3PartitionOptions } from '../../src/partition/adapters/s3-partition.ts';
import type { Partition } from '../../src/partition/partition.ts';
import { type FaultRule, FaultyPartition } from '../../src/partition/wrappers/faulty-partition.ts';
import { RetriedPartition } from '../../src/partition/wrappers/retried-partition.ts';
import { freePorts } from '../support/ports.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { partitionContract } from './partition.contract.ts';
import { type S3Server, s3Bench } from './s3-bench.ts';

const keys = { accessKey: 'contract', secretKey: 'contract-secret-0123456789' };
const region = 'us-east-1';
let running: { server: RunningServer; data: string } | undefined;
let backend: Promise<S3Server> | undefined;

async function start(): Promise<S3Server> {
  const { S3_ENDPOINT, AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = process.env;
  if (S3_ENDPOINT)
    return { endpoint: S3_ENDPOINT, accessKey: AWS_ACCESS_KEY_ID, secretKey: AWS_SECRET_ACCESS_KEY, region };
  const data = await mkdtemp(join(tmpdir(), 'echogate-backend-'));
  const [port, adminPort] = await freePorts(2);
  const server = await startServer({
    args: ['up', data, '--port', String(port), '--admin-port', String(adminPort)],
    adminUrl: `http://127.0.0.1:${adminPort}`,
    env: { ECHOGATE_ACCESS_KEY: keys.accessKey, ECHOGATE_SECRET_KEY: keys.secretKey },
  });
  running = { server, data };
  return { endpoint: `http://127.0.0.1:${port}`, ...keys, region };
}

afterAll(async () => {
  if (!running) return;
  await running.server.stop();
  await rm(running.data, { recursive: true });
});

const bench = async (more?: Partial<S3PartitionOptions>, wrap?: (bare: Partition) => Partition) => {
  backend ??= start();
  return await s3Bench(await backend, more, wrap);
};

partitionContract('S3', () => bench());

partitionContract('S3, packs of known length streamed', () => bench({ trailers: true, checksum: 'md5' }));

partitionContract('S3, of a backend that can do little', () =>
  bench({ writeOnce: 'head', batchDelete: false, checksum: 'none', signPayload: false }),
);

partitionContract('S3, faulty and retried', () => {
  const random = seededRandom('contract');
  const operations = ['read', 'remove', 'list', 'stat'] as const;
  const rules: FaultRule[] = [
    { operations, probability: 0.2, fault: { kind: 'partition-down', partition: 'p1', message: 'on purpose' } },
    { operations, probability: 0.2, fault: { kind: 'partition-busy', partition: 'p1' }, when: 'after' },
  ];
  const eager = { policy: { retriesMax: 20, delayMs: 0, delayMsMax: 1 }, clock: systemClock, random: systemRandom };
  const faulty = (bare: Partition) => new FaultyPartition(bare, { random, clock: systemClock, rules });
  return bench({}, (bare) => new RetriedPartition(faulty(bare), eager));
});
