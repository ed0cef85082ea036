// The echo map in Redis under the EchoMap contract, and what is its own: garbage that is taken for nothing, an index that does not leak, and a
// Redis that is flushed, stopped, killed or silent while reads ask.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { encodeEcho } from '../../src/catalog/records/echo.ts';
import { RedisEchoMap, type RedisEchoMapOptions } from '../../src/echo/adapters/redis-echo-map.ts';
import { CachedEchoMap } from '../../src/echo/wrappers/cached-echo-map.ts';
import { GuardedEchoMap } from '../../src/echo/wrappers/guarded-echo-map.ts';
import type { Echo, EchoName } from '../../src/model/echo.ts';
import { RedisServer, redisForTests } from '../support/redis.ts';
import { echoMapContract } from './echo-map.contract.ts';

const { program, url } = redisForTests();
const daySec = 86_400;
const block = (at: number): string => at.toString(16).padStart(32, '0');
const name = (at: number, partition = 'p1'): EchoName => ({ block: block(at), partition });
const ready = (of: EchoName, sinceMs = 2): Echo => ({
  ...{ ...of, state: 'ready', length: 1000, sinceMs, isPinned: false },
  place: { pack: 'cd'.repeat(16), offset: 77 },
});
const opened = (options: RedisEchoMapOptions): RedisEchoMap => {
  const map = RedisEchoMap.open(options);
  onTestFinished(() => map.close());
  return map;
};

describe.skipIf(program === undefined && url === undefined)('with a Redis', () => {
  let shared: RedisServer | undefined;
  let redis: Redis;
  beforeAll(async () => {
    if (url === undefined) shared = await RedisServer.start(program!);
    redis = new Redis(url ?? shared!.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await shared?.remove();
  });
  const newPlace = () => ({ url: url ?? shared!.url, namespace: `echogate-test-${randomUUID()}` });

  echoMapContract('Redis', async () => {
    const place = newPlace();
    const maps = [RedisEchoMap.open(place), RedisEchoMap.open(place)] as const;
    return { maps, dispose: async () => void (await Promise.all(maps.map((map) => map.close()))) };
  });

  echoMapContract('Redis behind what guards it, which keeps no answers here,', async () => {
    const place = newPlace();
    const wrapped = () =>
      new CachedEchoMap(
        new GuardedEchoMap(RedisEchoMap.open(place), { clock: systemClock, ofMs: 5000 }),
        systemClock,
        0,
      );
    const maps = [wrapped(), wrapped()] as const;
    return { maps, dispose: async () => void (await Promise.all(maps.map((map) => map.close()))) };
  });

  describe('the echo map in Redis', () => {
    let place: ReturnType<typeof newPlace>;
    let map: RedisEchoMap;
    let index: string;
    const entries = (at: number): string => `${place.namespace}:{echoes}:of:${block(at)}`;
    beforeEach(() => {
      place = newPlace();
      map = opened(place);
      index = `${place.namespace}:{echoes}:index`;
    });
    const make = async (...names: EchoName[]): Promise<void> => {
      for (const each of names) expect(await map.change(each, undefined, ready(each))).toBe(true);
    };

    it('keeps its keys below its namespace, with one hash tag, and lets each expire', async () => {
      await make(name(1), name(1, 'p2'), name(2));
      const keys = await redis.keys(`${place.namespace}*`);
      expect(keys.sort()).toEqual([index, entries(1), entries(2)].sort());
      for (const key of keys) expect(await redis.ttl(key)).toBeGreaterThan(daySec - 60);
      expect(() => RedisEchoMap.open({ ...place, namespace: 'a{b}' })).toThrow('no braces');
      expect(await opened({ ...place, namespace: `${place.namespace}2` }).page(undefined, 10)).toEqual([]);
    });

    it('renews what is walked over once half of its time is gone, and leaves nothing of what was removed', async () => {
      await make(name(1), name(2));
      await redis.expire(entries(1), 100);
      await redis.expire(entries(2), daySec - 1000);
      await redis.expire(index, 100);
      expect(await map.page(undefined, 10)).toHaveLength(2);
      expect(await redis.ttl(entries(1))).toBeGreaterThan(daySec - 60);
      expect(await redis.ttl(index)).toBeGreaterThan(daySec - 60);
      expect(await redis.ttl(entries(2))).toBeLessThanOrEqual(daySec - 1000);
      for (const at of [1, 2]) expect(await map.change(name(at), ready(name(at)), undefined)).toBe(true);
      expect(await redis.keys(`${place.namespace}*`)).toEqual([]);
    });

    const good = encodeEcho(ready(name(1)));
    const garbage: Record<string, Buffer> = {
      'an empty value': Buffer.alloc(0),
      'a text': Buffer.from('{"state":"ready"}'),
      'a cut entry': good.subarray(0, -1),
      'an entry with a byte more': Buffer.concat([good, Buffer.of(0)]),
      'another format': Buffer.concat([Buffer.of(99), good.subarray(1)]),
      'an entry as nobody would write it': Buffer.concat([good.subarray(0, -2), Buffer.of(7), good.subarray(-1)]),
      'too many bytes': Buffer.alloc(100_000, 1),
    };
    describe.each(Object.entries(garbage))('%s', (_, value) => {
      beforeEach(async () => {
        await make(name(1), name(1, 'p2'), name(2));
        await redis.hset(entries(1), 'p1', value);
      });

      it('is no entry for reads and walks, and goes when the walk passes', async () => {
        expect(await map.of(block(1))).toEqual([ready(name(1, 'p2'))]);
        expect(await map.page(undefined, 10)).toEqual([ready(name(1, 'p2')), ready(name(2))]);
        expect(await redis.hkeys(entries(1))).toEqual(['p2']);
        expect(await redis.zrange(index, 0, -1)).toEqual([`${block(1)} p2`, `${block(2)} p1`]);
      });

      it('is replaced or removed where no entry is known, and not where one is', async () => {
        expect(await map.change(name(1), ready(name(1)), undefined)).toBe(false);
        expect(await map.change(name(1), undefined, ready(name(1), 9))).toBe(true);
        expect(await map.of(block(1))).toEqual([ready(name(1), 9), ready(name(1, 'p2'))]);
        await redis.hset(entries(1), 'p1', value);
        expect(await map.change(name(1), undefined, undefined)).toBe(true);
        expect(await redis.hkeys(entries(1))).toEqual(['p2']);
      });
    });

    it.each(['string', 'list', 'zset'])(
      'takes a %s in the place of its keys for nothing, and replaces it',
      async (kind) => {
        const spoil = async (key: string): Promise<void> => {
          await redis.del(key);
          if (kind === 'string') await redis.set(key, 'x');
          else if (kind === 'list') await redis.rpush(key, 'x');
          else if (key === index) await redis.hset(key, 'x', 'x');
          else await redis.zadd(key, 1, 'x');
        };
        await make(name(1), name(2));
        await spoil(entries(1));
        expect(await map.of(block(1))).toEqual([]);
        expect(await map.page(undefined, 10)).toEqual([ready(name(2))]);
        await make(name(1));
        expect(await map.of(block(1))).toEqual([ready(name(1))]);
        await spoil(index);
        expect(await map.page(undefined, 10)).toEqual([]);
        expect(await map.of(block(2))).toEqual([ready(name(2))]);
        await make(name(3));
        expect(await map.page(undefined, 10)).toEqual([ready(name(3))]);
      },
    );

    it('walks past names of another making, and drops them and those without an entry', async () => {
      await make(...Array.from({ length: 6 }, (_, at) => name(at)));
      await redis.del(entries(1), entries(4));
      const many = Array.from({ length: 1200 }, (_, at) => [0, `${block(2)} q${at}`]).flat();
      await redis.zadd(index, ...many, 0, '', 0, 'zz', 0, `${block(0)}`, 7, `${block(0)} p1`, -7, 'first');
      const seen: Echo[] = [];
      for (let after: EchoName | undefined; ; after = seen.at(-1)!) {
        const page = await map.page(after, 2);
        seen.push(...page);
        if (page.length < 2) break;
      }
      // The one whose score was changed is forgotten by the walk, not by reads.
      expect(seen).toEqual([2, 3, 5].map((at) => ready(name(at))));
      expect(await redis.zrange(index, 0, -1)).toEqual([2, 3, 5].map((at) => `${block(at)} p1`));
      expect(await map.of(block(0))).toEqual([ready(name(0))]);
    });

    it('shows a page in one round trip', async () => {
      await Promise.all(Array.from({ length: 1100 }, (_, at) => map.change(name(at), undefined, ready(name(at)))));
      const calls = async () => Number(/cmdstat_eval:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1]);
      const before = await calls();
      expect(await map.page(undefined, 1000)).toHaveLength(1000);
      expect((await calls()) - before).toBe(1);
    });

    it('has one winner of each of 100 claims that two maps race for, and its entry stands', async () => {
      const other = opened(place);
      const outcomes = await Promise.all(
        Array.from({ length: 100 }, (_, at) =>
          Promise.all([map, other].map((each, who) => each.change(name(at), undefined, ready(name(at), who)))),
        ),
      );
      for (const [at, won] of outcomes.entries()) {
        expect(won.filter(Boolean).length).toBe(1);
        expect(await other.of(block(at))).toEqual([ready(name(at), won.indexOf(true))]);
      }
    });
  });
});

describe.skipIf(program === undefined)('the echo map in Redis, with a server of its own,', () => {
  const started = async (...options: string[]): Promise<RedisServer> => {
    const server = await RedisServer.start(program!, options);
    onTestFinished(() => server.remove());
    return server;
  };
  const guarded = async () => {
    const server = await started();
    const told: string[] = [];
    const map = new GuardedEchoMap(RedisEchoMap.open(server), {
      clock: systemClock,
      onAway: () => told.push('away'),
      onBack: () => told.push('back'),
    });
    onTestFinished(() => map.close());
    await expect.poll(() => map.change(name(1), undefined, ready(name(1)))).toBe(true);
    expect(await map.of(block(1))).toEqual([ready(name(1))]);
    told.length = 0;
    return { server, map, told };
  };
  const answerOf = async (map: GuardedEchoMap): Promise<string> =>
    map.of(block(1)).then((echoes) => `${echoes.length} there`, String);
  const cameBack = { timeout: 15_000, interval: 50 };

  it('forgets what was flushed, scripts too, and goes on', async () => {
    const server = await started();
    const map = opened(server);
    await map.change(name(1), undefined, ready(name(1)));
    const redis = new Redis(server.url);
    onTestFinished(() => redis.disconnect());
    await redis.flushall();
    await redis.script('FLUSH');
    expect(await map.of(block(1))).toEqual([]);
    expect(await map.page(undefined, 10)).toEqual([]);
    expect(await map.change(name(1), ready(name(1)), undefined)).toBe(false);
    expect(await map.change(name(1), undefined, ready(name(1)))).toBe(true);
    expect(await map.of(block(1))).toEqual([ready(name(1))]);
  });

  it('keeps no read waiting while the server is silent, asks it now and then, and tells of it once', async () => {
    const { server, map, told } = await guarded();
    server.freeze();
    const tookMs: number[] = [];
    const untilMs = performance.now() + 2500;
    let questions = 0;
    while (performance.now() < untilMs) {
      const startMs = performance.now();
      expect(await answerOf(map)).toBe('EchoMapAway: the echo map is away');
      tookMs.push(performance.now() - startMs);
      questions += 1;
      await sleep(2);
    }
    expect(Math.max(...tookMs)).toBeLessThan(200); // the limit is 80; this machine may be busy
    expect(tookMs.filter((ms) => ms > 40).length).toBeLessThanOrEqual(6);
    expect(questions).toBeGreaterThan(200);
    expect(told).toEqual(['away']);
    server.thaw();
    await expect.poll(() => answerOf(map), cameBack).toBe('1 there');
    expect(told).toEqual(['away', 'back']);
  });

  it('rejects at once while the server is gone, and knows nothing when it is there again', async () => {
    const { server, map, told } = await guarded();
    for (let round = 0; round < 2; round++) {
      await server.kill();
      expect(await answerOf(map)).toBe('EchoMapAway: the echo map is away');
      await expect(map.page(undefined, 10)).rejects.toThrow('the echo map is away');
      await expect(map.change(name(1), undefined, ready(name(1)))).rejects.toThrow('the echo map is away');
      await server.start();
      await expect.poll(() => answerOf(map), cameBack).toBe('0 there');
    }
    expect(told).toEqual(['away', 'back', 'away', 'back']);
    expect(await map.change(name(1), undefined, ready(name(1)))).toBe(true);
  });

  it('still shows what there is while Redis is too full to take more', async () => {
    const { server, map, told } = await guarded();
    const redis = new Redis(server.url);
    onTestFinished(() => redis.disconnect());
    await redis.config('SET', 'maxmemory', '1');
    await expect(map.change(name(2), undefined, ready(name(2)))).rejects.toThrow('OOM');
    expect(await map.of(block(1))).toEqual([ready(name(1))]);
    expect(told).toEqual([]);
  });

  it('stands in a cluster', async () => {
    const server = await started('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1');
    const redis = new Redis(server.url);
    onTestFinished(() => redis.disconnect());
    await redis.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await expect.poll(() => redis.cluster('INFO'), { timeout: 10_000 }).toContain('cluster_state:ok');
    const map = opened({ url: server.url, cluster: true });
    for (const at of [1, 2, 3]) expect(await map.change(name(at), undefined, ready(name(at)))).toBe(true);
    expect(await map.of(block(2))).toEqual([ready(name(2))]);
    expect(await map.page(name(1), 10)).toEqual([ready(name(2)), ready(name(3))]);
  });
});
