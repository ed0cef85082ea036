// The fallback under the CounterStore contract, over a real Redis and the file store; and Redis killed, frozen and flushed in mid-work.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { FileCounterStore } from '../../src/telemetry/adapters/file-counter-store.ts';
import { RedisCounterStore } from '../../src/telemetry/adapters/redis-counter-store.ts';
import { FallbackCounterStore } from '../../src/telemetry/fallback-counter-store.ts';
import { RedisServer, redisForTests } from '../support/redis.ts';
import { batchOf, demandOf, t0 } from './counter-batches.ts';
import { counterStoreContract } from './counter-store.contract.ts';

const { program, url } = redisForTests();
const newPath = (): string => mkdtempSync(join(tmpdir(), 'echogate-counters.v1-'));

describe.skipIf(program === undefined && url === undefined)('with a Redis', () => {
  let shared: RedisServer | undefined;
  beforeAll(async () => {
    if (url === undefined) shared = await RedisServer.start(program!);
  });
  afterAll(() => shared?.remove());

  counterStoreContract('Redis with the file store behind it', {
    make: () => ({
      adapter: 'fallback',
      first: { adapter: 'redis', url: url ?? shared!.url, namespace: `echogate-test-${randomUUID()}` },
      second: { adapter: 'files', path: newPath() },
    }),
    remove: (place) => {
      if (place.adapter === 'fallback') rmSync(place.second.path, { recursive: true, force: true });
    },
  });
});

describe.skipIf(program === undefined)('the fallback, when Redis goes in mid-work,', () => {
  const world = async () => {
    const server = await RedisServer.start(program!);
    onTestFinished(() => server.remove());
    const path = newPath();
    const told: string[] = [];
    const files = FileCounterStore.open(path);
    const store = new FallbackCounterStore({
      first: RedisCounterStore.open(server),
      second: files,
      clock: systemClock,
      retryMs: 200,
      onAway: () => told.push('away'),
      onBack: () => told.push('back'),
    });
    onTestFinished(async () => {
      await store.close();
      rmSync(path, { recursive: true, force: true });
    });
    const added = { all: 0, whileAway: 0 };
    const batch = batchOf({
      seconds: 0.001,
      demand: [demandOf('a1', 'p1', [1])],
      blocks: [{ block: 'b1', area: 'a1', reads: 1 }],
    });
    const add = async (times = 1) => {
      for (let at = 0; at < times; at++) {
        const isAway = told.at(-1) === 'away';
        await store.add(batch);
        added.all += 1;
        if (isAway) added.whileAway += 1;
      }
    };
    const reads = async (from: { bins: FallbackCounterStore['bins'] } = store) =>
      (await from.bins(t0, t0 + 10))[0]?.demand[0]?.readOps ?? 0;
    /** Workers that add without pause until they are told to stop. */
    const busily = async (what: () => Promise<void>) => {
      let isOver = false;
      const workers = Array.from({ length: 4 }, async () => {
        while (!isOver) {
          await add();
          await setImmediate(); // so that a store that answers at once does not keep us from ever being told
        }
      });
      await what();
      isOver = true;
      await Promise.all(workers);
    };
    const until = (word: string) => expect.poll(() => told.at(-1), { timeout: 15_000 }).toBe(word);
    return { server, store, files, told, add, reads, busily, until, added };
  };

  it('loses nothing of what was added while it was away, and nothing rejects', async () => {
    const { server, store, files, told, add, reads, busily, until, added } = await world();
    await add(10);
    expect(await reads(files)).toBe(0);
    await busily(async () => {
      await expect.poll(() => added.all).toBeGreaterThan(100);
      await server.kill();
      await until('away');
      await expect.poll(() => added.whileAway).toBeGreaterThan(100);
    });
    expect(await reads()).toBeGreaterThanOrEqual(added.whileAway);
    expect(await reads()).toBe(await reads(files));
    expect((await store.hottest(1, t0))[0]!.heat).toBeCloseTo(await reads(), 3);
    await busily(async () => {
      await server.start();
      await until('back');
    });
    const sum = await reads();
    expect(sum).toBeGreaterThanOrEqual(added.whileAway);
    expect(sum).toBeGreaterThan(await reads(files));
    await add(7);
    expect(await reads()).toBe(sum + 7);
    await store.tidy(t0);
    expect(told).toEqual(['away', 'back']);
  });

  it('sums what is here and there', async () => {
    const { server, store, files, add, reads, until, busily, added } = await world();
    await add(10);
    server.freeze();
    await add(3);
    expect(await reads(files)).toBe(3);
    expect(await reads()).toBe(3);
    server.thaw();
    await busily(() => until('back'));
    const sum = await reads();
    // What the frozen server never acknowledged may be in both, but nothing is in neither.
    expect(sum).toBeGreaterThanOrEqual(added.all);
    expect(sum).toBeGreaterThan(await reads(files));
    expect((await store.bins(t0, t0 + 10)).length).toBe(1);
    expect((await store.hottest(9, t0)).map(({ block, heat }) => [block, Math.round(heat)])).toEqual([['b1', sum]]);
  });

  it('goes on over a FLUSHALL, and keeps what is in the file store', async () => {
    const { server, files, told, add, reads, busily, until } = await world();
    await server.kill();
    await add(4);
    await server.start();
    await busily(() => until('back'));
    const here = await reads(files);
    expect(here).toBeGreaterThanOrEqual(4);
    const redis = new Redis(server.url);
    await busily(async () => {
      for (let round = 0; round < 5; round++) await redis.flushall();
    });
    await redis.flushall();
    redis.disconnect();
    expect(await reads()).toBe(here);
    await add(2);
    expect(await reads()).toBe(here + 2);
    expect(told).toEqual(['away', 'back']);
  });
});
