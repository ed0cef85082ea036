// Quotas: how fast, how many at once, in which order, and who is told to come again.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { Fault } from '../../../src/base/fault.ts';
import { type Quota, Ration } from '../../../src/partition/ration.ts';
import { LimitedPartition } from '../../../src/partition/wrappers/limited-partition.ts';
import { MemoryPartition } from './memory-partition.ts';

const pack = 'cd'.repeat(16);

/** Time goes on only when everybody waits: to the next one's end. */
class SteppedClock implements Clock {
  nowMs = 0;
  readonly #sleepers = new Set<{ readonly atMs: number; readonly wake: () => void }>();
  wallMs = (): number => this.nowMs;
  steadyMs = this.wallMs;
  monotonicMs = this.wallMs;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { atMs: this.nowMs + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      });
    });
  }

  async run(until: () => boolean): Promise<void> {
    for (let turns = 0; turns < 100_000 && !until(); turns++) {
      await new Promise(setImmediate);
      if (until()) return;
      const [next] = [...this.#sleepers].sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) continue;
      this.#sleepers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.wake();
    }
  }
}

/** Each read takes `serviceMs`. */
class SlowPartition extends MemoryPartition {
  readonly clock: Clock;
  serviceMs = 0;
  running = 0;
  runningMax = 0;

  constructor(clock: Clock) {
    super();
    this.clock = clock;
    this.packs.set(pack, Buffer.alloc(1000));
  }

  override async *read(...asked: Parameters<MemoryPartition['read']>): AsyncIterable<Buffer> {
    this.running += 1;
    this.runningMax = Math.max(this.runningMax, this.running);
    try {
      if (this.serviceMs > 0) await this.clock.sleep(this.serviceMs);
      yield* super.read(...asked);
    } finally {
      this.running -= 1;
    }
  }
}

function world(quota: Quota, waitMsMax = 5000, more: readonly Ration[] = []) {
  const clock = new SteppedClock();
  const inner = new SlowPartition(clock);
  const ration = new Ration(quota);
  const partition = new LimitedPartition(inner, { rations: [ration, ...more], clock, waitMsMax });
  const done: { at: number; name: number }[] = [];
  const failed: Fault[] = [];
  const read = async (name: number, bytes = 1, signal?: AbortSignal) => {
    try {
      for await (const _ of partition.read(pack, [{ start: 0, end: bytes }], signal));
      done.push({ at: clock.nowMs, name });
    } catch (error) {
      failed.push(error as Fault);
    }
  };
  return { clock, inner, ration, partition, done, failed, read };
}

const many = (count: number) => Array.from({ length: count }, (_, at) => at);

describe('a quota', () => {
  it('lets operations in at its rate, in order of asking, after a short burst', async () => {
    const { clock, done, failed, read } = world({ readOps: 100 });
    for (const name of many(120)) void read(name);
    await clock.run(() => done.length + failed.length === 120);
    expect(failed).toEqual([]);
    expect(done.map(({ name }) => name)).toEqual(many(120));
    // A tenth of a second's worth at once, then one each 10 ms.
    expect(done.filter(({ at }) => at === 0).length).toBe(11);
    expect(done.at(-1)!.at).toBe(1090);
  });

  it('lets bytes through at its rate, whatever their sizes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 40 }), async (sizes) => {
        const { clock, done, read } = world({ readBytes: 10_000 }, Number.POSITIVE_INFINITY);
        sizes.forEach((bytes, name) => void read(name, bytes));
        await clock.run(() => done.length === sizes.length);
        for (const [at, { at: ms }] of done.entries()) {
          const before = sizes.slice(0, at).reduce((sum, bytes) => sum + bytes, 0);
          expect(ms).toBeCloseTo(Math.max(0, before / 10 - 100), 3);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('bounds how many run at once, and gives each place on', async () => {
    const { clock, inner, done, read } = world({ concurrency: 3 });
    inner.serviceMs = 20;
    for (const name of many(30)) void read(name);
    await clock.run(() => done.length === 30);
    expect(inner.runningMax).toBe(3);
    expect(done.map(({ name }) => name)).toEqual(many(30));
    expect(clock.nowMs).toBe(200);
  });

  it('tells at once who would wait too long, and when to come again', async () => {
    const { clock, done, failed, read } = world({ readOps: 10 }, 1000);
    for (const name of many(30)) void read(name);
    await clock.run(() => failed.length > 0);
    expect(clock.nowMs).toBe(0);
    await clock.run(() => done.length + failed.length === 30);
    expect(done.length).toBe(12);
    for (const { fault } of failed) expect(fault).toMatchObject({ kind: 'partition-busy', retryAfterMs: 1100 });
  });

  it('refuses who finds no place in time, and loses no place by it', async () => {
    const { clock, inner, done, failed, read, ration } = world({ concurrency: 1 }, 50);
    inner.serviceMs = 200;
    const controller = new AbortController();
    void read(0);
    void read(1);
    void read(2, 1, controller.signal);
    await new Promise(setImmediate);
    controller.abort(new Error('gone'));
    await clock.run(() => done.length + failed.length === 3);
    expect(
      failed.map((error) => (error instanceof Fault ? error.fault.kind : (error as Error).message)).sort(),
    ).toEqual(['gone', 'partition-busy']);
    expect(ration.hasPlace).toBe(true);
    void read(3);
    await clock.run(() => done.length === 2);
    expect(done.at(-1)!.name).toBe(3);
  });

  it('gives up a place that it got while its asker went away', async () => {
    const { clock, inner, done, failed, read, ration } = world({ concurrency: 1 });
    inner.serviceMs = 20;
    for (let round = 0; round < 50; round++) {
      const controller = new AbortController();
      void read(0);
      void read(1, 1, controller.signal);
      const before = done.length;
      await clock.run(() => done.length > before);
      controller.abort(new Error('gone'));
      await clock.run(() => done.length + failed.length === 2 * (round + 1));
    }
    expect(ration.hasPlace).toBe(true);
  });

  it('of a domain is shared by its partitions', async () => {
    const domain = new Ration({ readOps: 100 });
    const first = world({}, 5000, [domain]);
    const second = new LimitedPartition(first.inner, { rations: [domain], clock: first.clock, waitMsMax: 5000 });
    let others = 0;
    for (const name of many(50)) {
      void first.read(name);
      void (async () => {
        for await (const _ of second.read(pack, [{ start: 0, end: 1 }]));
        others += 1;
      })();
    }
    await first.clock.run(() => first.done.length + others === 100);
    expect(first.clock.nowMs).toBeCloseTo(890, 3);
  });

  it('counts what is written when it becomes durable, and fails a pack that is not let in', async () => {
    const { clock, partition, inner } = world({ writeBytes: 1000 }, 1000);
    const write = async (bytes: number) => {
      const writer = await partition.open(Math.random().toString(16).slice(2));
      writer.append([Buffer.alloc(bytes)]);
      await writer.flush();
      await writer.seal();
      return writer;
    };
    let written = 0;
    for (const _ of many(3)) {
      const one = write(500).then(() => {
        written += 1;
      });
      await clock.run(() => written > 0);
      await one;
      written = 0;
    }
    expect(clock.nowMs).toBeCloseTo(1000 - 100 + 500, 3);
    const writer = await partition.open('ef'.repeat(16));
    writer.append([Buffer.alloc(2000)]);
    const first = writer.flush();
    await clock.run(() => clock.nowMs > 1400);
    await first.catch(() => {});
    const refused = await partition.open('ab'.repeat(16));
    refused.append([Buffer.alloc(10)]);
    await expect(refused.flush()).rejects.toThrow('partition-busy');
    await expect(refused.seal()).rejects.toThrow('partition-busy');
    expect(inner.packs.has('ab'.repeat(16))).toBe(false);
  });
});

describe('a synchronous read', () => {
  it('is let in at once or sent the long way', () => {
    const { clock, inner } = world({});
    inner.readSmall = (_pack, _offset, length) => length;
    const limited = new LimitedPartition(inner, { rations: [new Ration({ readOps: 10 })], clock, waitMsMax: 5000 });
    const read = () => limited.readSmall!(pack, 0, 4, Buffer.alloc(4));
    expect([read(), read(), read()]).toEqual([4, 4, -1]);
    clock.nowMs = 100;
    expect([read(), read()]).toEqual([4, -1]);
  });
});
