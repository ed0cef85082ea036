// The Redis store under the CounterStore contract, and what is its own: keys that expire, calls that end in time whatever the server does.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { RedisCounterStore, type RedisCounterStoreOptions } from '../../src/telemetry/adapters/redis-counter-store.ts';
import { heatedMax, keptSec } from '../../src/telemetry/counter-store.ts';
import { freePorts } from '../support/ports.ts';
import { RedisServer, redisForTests } from '../support/redis.ts';
import { batchOf, demandOf, servedOf, t0 } from './counter-batches.ts';
import { counterStoreContract } from './counter-store.contract.ts';

const { program, url } = redisForTests();
const isAnywhere = program !== undefined || url !== undefined;
const demand = [demandOf('a1', 'p1', [1])];
const blocks = [{ block: 'b1', area: 'a1', reads: 4 }];
const full = batchOf({ demand, served: [servedOf('p1', 'client', 1)], blocks });

const opened = (options: RedisCounterStoreOptions): RedisCounterStore => {
  const store = RedisCounterStore.open(options);
  onTestFinished(() => store.close());
  return store;
};
const started = async (...options: string[]): Promise<RedisServer> => {
  const server = await RedisServer.start(program!, options);
  onTestFinished(() => server.remove());
  return server;
};
const reads = async (store: RedisCounterStore) => (await store.bins(t0, t0 + 10))[0]?.demand[0]?.readOps ?? 0;

describe.skipIf(!isAnywhere)('with a Redis', () => {
  let shared: RedisServer | undefined;
  let place: { adapter: 'redis'; url: string; namespace: string };
  beforeAll(async () => {
    if (url === undefined) shared = await RedisServer.start(program!);
  });
  afterAll(() => shared?.remove());
  const make = () => ({
    adapter: 'redis' as const,
    url: url ?? shared!.url,
    namespace: `echogate-test-${randomUUID()}`,
  });
  beforeEach(() => {
    place = make();
  });

  counterStoreContract('Redis', { make, remove: () => {} });

  describe('the Redis store', () => {
    const asked = async <T>(question: (redis: Redis) => Promise<T>): Promise<T> => {
      const redis = new Redis(place.url);
      try {
        return await question(redis);
      } finally {
        redis.disconnect();
      }
    };

    it('keeps its keys below its namespace, with one hash tag, and lets each expire', async () => {
      const store = opened(place);
      await store.add(full);
      await store.add(batchOf({ timeSec: t0 + 10 }));
      await asked(async (redis) => {
        const keys = await redis.keys(`${place.namespace}*`);
        expect(keys.length).toBe(5);
        for (const key of keys) {
          expect(key.startsWith(`${place.namespace}:{counters}:`)).toBe(true);
          const ttl = await redis.ttl(key);
          expect(ttl).toBeGreaterThan(keptSec - 60);
          expect(ttl).toBeLessThanOrEqual(keptSec);
        }
        expect(await redis.dbsize()).toBeGreaterThanOrEqual(5);
      });
    });

    it('knows nothing of other namespaces, and refuses one that would change the slot', async () => {
      await opened(place).add(full);
      expect(await opened({ ...place, namespace: `${place.namespace}2` }).bins(0, 2 * t0)).toEqual([]);
      expect(() => RedisCounterStore.open({ ...place, namespace: 'a{b}' })).toThrow('no braces');
    });

    it('holds no more blocks than are told apart, also when nobody tidies', async () => {
      const store = opened(place);
      for (let from = 0; from < heatedMax + 100; from += 50) {
        const many = Array.from({ length: 50 }, (_, at) => ({
          block: `b${from + at}`,
          area: 'a1',
          reads: 1 + from + at,
        }));
        await store.add(batchOf({ blocks: many }));
      }
      await asked(async (redis) => {
        expect(await redis.zcard(`${place.namespace}:{counters}:heat`)).toBe(heatedMax);
        expect(await redis.hlen(`${place.namespace}:{counters}:areas`)).toBe(heatedMax);
      });
    });

    it('leaves nothing of bins that it let go', async () => {
      const store = opened(place);
      await store.add(full);
      await store.tidy(t0 + 2 * keptSec);
      expect(await asked((redis) => redis.keys(`${place.namespace}*`))).toEqual([]);
    });
  });
});

describe.skipIf(program === undefined)('the Redis store, with a server of its own,', () => {
  it('goes on after everything was flushed, scripts too', async () => {
    const server = await started();
    const store = opened({ url: server.url });
    await store.add(full);
    const redis = new Redis(server.url);
    await redis.flushall();
    await redis.script('FLUSH');
    redis.disconnect();
    expect(await store.bins(0, 2 * t0)).toEqual([]);
    expect(await store.hottest(1, t0)).toEqual([]);
    await store.add(full);
    expect(await reads(store)).toBe(1);
  });

  it('rejects while the server is away, from the start or later, and comes back by itself', async () => {
    const server = await started();
    await server.kill();
    const store = opened({ url: server.url });
    await expect(store.add(full)).rejects.toThrow('Redis is away: connect ECONNREFUSED');
    await expect(store.hottest(1, t0)).rejects.toThrow('Redis is away');
    for (let round = 0; round < 2; round++) {
      await server.start();
      await expect.poll(() => store.add(full).then(() => 'added', String), { timeout: 10_000 }).toBe('added');
      expect(await reads(store)).toBe(1);
      await server.kill();
      await expect(store.add(full)).rejects.toThrow();
      await expect(store.bins(0, t0)).rejects.toThrow('Redis is away');
    }
  });

  it('rejects what was under way when the server died, and sends nothing of it twice', async () => {
    const server = await started();
    const store = opened({ url: server.url });
    await store.add(full);
    server.freeze();
    const underWay = Array.from({ length: 20 }, () => store.add(full));
    const outcomes = Promise.allSettled(underWay);
    await server.kill();
    expect(new Set((await outcomes).map(({ status }) => status))).toEqual(new Set(['rejected']));
    await server.start();
    await expect.poll(() => store.bins(0, t0).then(() => 'there', String), { timeout: 10_000 }).toBe('there');
    expect(await reads(store)).toBe(0);
  });

  it('gives up on a server that is silent, sends it no more, and comes back when it speaks', async () => {
    const server = await started();
    const store = opened(server);
    await store.add(full);
    server.freeze();
    await expect(store.add(full)).rejects.toThrow('Redis is away: no answer within');
    await expect(store.add(full)).rejects.toThrow('Redis is away');
    await expect(store.add(full)).rejects.toThrow('Redis is away');
    server.thaw();
    await expect.poll(() => store.bins(0, t0).then(() => 'there', String), { timeout: 10_000 }).toBe('there');
    // The first of the three was on its way when it was given up.
    expect(await reads(store)).toBeLessThanOrEqual(2);
  });

  it('speaks to a cluster', async () => {
    const server = await started('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1');
    const redis = new Redis(server.url);
    await redis.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await expect.poll(() => redis.cluster('INFO'), { timeout: 10_000 }).toContain('cluster_state:ok');
    redis.disconnect();
    const store = opened({ url: server.url, cluster: true });
    await store.add(full);
    await store.add(batchOf({ timeSec: t0 + 10, blocks }));
    expect((await store.bins(0, 2 * t0)).length).toBe(2);
    expect((await store.hottest(1, t0 + 10))[0]!.block).toBe('b1');
    await store.tidy(t0 + keptSec + 10);
    expect((await store.bins(0, 2 * t0)).length).toBe(1);
    await server.kill();
    await expect(store.add(full)).rejects.toThrow();
    await expect(store.add(full)).rejects.toThrow();
  });

  it('takes the password and the user of the URL', async () => {
    const server = await started('--requirepass', 'p@ss/word');
    await opened({ url: `redis://:p%40ss%2Fword@127.0.0.1:${server.port}` }).add(full);
    await opened({ url: `redis://default:p%40ss%2Fword@127.0.0.1:${server.port}/3` }).add(full);
    await expect(opened({ url: `redis://:wrong@127.0.0.1:${server.port}` }).add(full)).rejects.toThrow('WRONGPASS');
    await expect(opened({ url: server.url }).add(full)).rejects.toThrow('NOAUTH');
  });

  it('speaks TLS, to whom it trusts', async () => {
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(import.meta.dirname, '../support/tls', name));
    const [port] = await freePorts(1);
    const tls = [
      '--tls-port',
      String(port),
      '--tls-auth-clients',
      'no',
      '--tls-cert-file',
      cert!,
      '--tls-key-file',
      key!,
    ];
    await started(...tls, '--tls-ca-cert-file', cert!);
    const url = `rediss://localhost:${port}`;
    await opened({ url, ca: readFileSync(cert!, 'utf8') }).add(full);
    await expect(opened({ url }).add(full)).rejects.toThrow('certificate');
  });
});
