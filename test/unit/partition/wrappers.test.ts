import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { Fault, type FaultKind, type HouseFault } from '../../../src/base/fault.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { backoffMs, usualRetries } from '../../../src/partition/backoff.ts';
import { PartitionHealth } from '../../../src/partition/health.ts';
import type { Partition } from '../../../src/partition/partition.ts';
import { type FaultRule, FaultyPartition } from '../../../src/partition/wrappers/faulty-partition.ts';
import { MeasuredPartition, type PartitionSample } from '../../../src/partition/wrappers/measured-partition.ts';
import { RetriedPartition } from '../../../src/partition/wrappers/retried-partition.ts';
import { WatchedPartition } from '../../../src/partition/wrappers/watched-partition.ts';
import { MemoryPartition } from './memory-partition.ts';

const pack = 'cd'.repeat(16);
const down: HouseFault = { kind: 'partition-down', partition: 'm1', message: 'on purpose' };
const busy: HouseFault = { kind: 'partition-busy', partition: 'm1', retryAfterMs: 400 };
const missing: HouseFault = { kind: 'pack-missing', partition: 'm1', pack };

/** Jumps over every sleep and notes it. */
class JumpingClock implements Clock {
  nowMs = 0;
  slept: number[] = [];
  wallMs = (): number => this.nowMs;
  steadyMs = this.wallMs;
  monotonicMs = (): number => this.nowMs;
  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.nowMs += ms;
  }
}

const filled = (): MemoryPartition => {
  const partition = new MemoryPartition();
  partition.packs.set(pack, Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz'));
  return partition;
};

const text = async (partition: Partition, start = 0, end = 36): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of partition.read(pack, [{ start, end }])) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

const kindOf = async (work: Promise<unknown>): Promise<FaultKind | undefined> => {
  try {
    await work;
    return undefined;
  } catch (error) {
    return (error as Fault).fault.kind;
  }
};

describe('MeasuredPartition', () => {
  const measured = (inner: Partition, clock = new JumpingClock()) => {
    const samples: PartitionSample[] = [];
    const partition = new MeasuredPartition(inner, { note: (sample) => samples.push(sample) }, clock);
    return { partition, samples, clock };
  };

  it('notes each operation once with its bytes, each byte made durable once', async () => {
    const { partition, samples } = measured(new MemoryPartition());
    const writer = await partition.open(pack);
    writer.append([Buffer.alloc(30)]);
    await Promise.all([writer.flush(), writer.flush()]);
    writer.append([Buffer.alloc(6)]);
    await writer.seal();
    await text(partition);
    expect(partition.readSmall?.(pack, 0, 5, Buffer.alloc(5))).toBe(5);
    for await (const _ of partition.list());
    await partition.stat();
    await partition.probe();
    await partition.remove([pack, pack]);
    expect(samples.map(({ operation, amount, failure }) => [operation, amount, failure])).toEqual([
      ['open', 0, undefined],
      ['flush', 30, undefined],
      ['flush', 0, undefined],
      ['seal', 6, undefined],
      ['read', 36, undefined],
      ['read-small', 5, undefined],
      ['list', 1, undefined],
      ['stat', 0, undefined],
      ['probe', 0, undefined],
      ['remove', 2, undefined],
    ]);
    expect(samples.every(({ partition: id }) => id === 'm1')).toBe(true);
  });

  it('charges a read with the time of the partition, not with that of its reader', async () => {
    const clock = new JumpingClock();
    const slow = new FaultyPartition(filled(), { random: seededRandom('x'), clock, rules: [{ latencyMs: 40 }] });
    const { partition, samples } = measured(slow, clock);
    for await (const _ of partition.read(pack, [{ start: 0, end: 36 }])) clock.nowMs += 1000;
    expect(samples).toEqual([{ partition: 'm1', operation: 'read', tookMs: 40, amount: 36 }]);
  });

  it('names what failed, and notes a read that was left half-way', async () => {
    const { partition, samples } = measured(filled());
    const gone = 'ef'.repeat(16);
    await expect(
      (async () => {
        for await (const _ of partition.read(gone, [{ start: 0, end: 1 }]));
      })(),
    ).rejects.toThrow('pack-missing');
    for await (const _ of partition.read(pack, [{ start: 0, end: 36 }])) break;
    const stop = AbortSignal.abort(new Error('enough'));
    await expect(
      (async () => {
        for await (const _ of partition.read(pack, [{ start: 0, end: 1 }], stop));
      })(),
    ).rejects.toThrow('enough');
    expect(samples.map(({ failure, amount }) => [failure, amount])).toEqual([
      ['pack-missing', 0],
      [undefined, 10],
      ['other', 0],
    ]);
  });

  it('offers no synchronous read where there is none', () => {
    const inner: Partition = new MemoryPartition();
    Object.defineProperty(inner, 'readSmall', { value: undefined });
    expect(measured(inner).partition.readSmall).toBeUndefined();
  });
});

describe('RetriedPartition', () => {
  const policy = { retriesMax: 3, delayMs: 50, delayMsMax: 1000 };
  const retried = (rules: readonly FaultRule[], inner = filled()) => {
    const clock = new JumpingClock();
    const faulty = new FaultyPartition(inner, { random: seededRandom('r'), clock, rules });
    const partition = new RetriedPartition(faulty, { policy, clock, random: seededRandom('b') });
    return { partition, inner, clock, faulty };
  };

  it('tries again a bounded number of times, waiting longer and as long as it was told', async () => {
    const { partition, inner, clock } = retried([{ operations: ['stat'], fault: down, when: 'after' }]);
    expect(await kindOf(partition.stat())).toBe('partition-down');
    expect(inner.calls).toEqual(['stat', 'stat', 'stat', 'stat']);
    expect(clock.slept).toHaveLength(3);
    for (const [retry, ms] of clock.slept.entries()) expect(ms).toBeLessThanOrEqual(50 * 2 ** retry);
    const told = retried([{ operations: ['remove'], fault: busy }]);
    await kindOf(told.partition.remove([pack]));
    for (const ms of told.clock.slept) expect(ms).toBeGreaterThanOrEqual(400);
  });

  it('goes on with a read where it broke, however often, as long as it gets on', async () => {
    const { partition, inner } = retried([{ operations: ['read'], fault: down, when: 'after' }]);
    expect(await text(partition, 1, 36)).toBe('123456789abcdefghijklmnopqrstuvwxyz');
    expect(inner.calls.length).toBe(5); // four chunks, each followed by a fault, and one look that there is no more
  });

  it('does not try again what cannot become better, nor what is not safe to repeat', async () => {
    for (const rule of [
      { operations: ['read'], fault: missing },
      { operations: ['open'], fault: down },
    ] satisfies FaultRule[]) {
      const { partition, clock } = retried([rule]);
      expect(await kindOf(rule.operations[0] === 'read' ? text(partition) : partition.open(pack))).toBe(
        rule.fault.kind,
      );
      expect(clock.slept).toEqual([]);
    }
  });

  it('lists on behind what it has given', async () => {
    const inner = filled();
    for (const n of '12345') inner.packs.set(n.repeat(32), Buffer.alloc(1));
    const { partition } = retried([{ operations: ['list'], fault: busy, when: 'after' }], inner);
    const packs: string[] = [];
    for await (const info of partition.list('1'.repeat(32))) packs.push(info.pack);
    expect(packs).toEqual([...'2345'].map((n) => n.repeat(32)).concat(pack));
  });
});

describe('FaultyPartition', () => {
  const faulty = (rules: readonly FaultRule[], seed = 'f') => {
    const inner = filled();
    const clock = new JumpingClock();
    return { inner, clock, partition: new FaultyPartition(inner, { random: seededRandom(seed), clock, rules }) };
  };

  it('fails before or after it happened', async () => {
    const before = faulty([{ operations: ['remove'], fault: down }]);
    expect(await kindOf(before.partition.remove([pack]))).toBe('partition-down');
    expect(before.inner.packs.has(pack)).toBe(true);
    const after = faulty([{ operations: ['remove'], fault: down, when: 'after' }]);
    expect(await kindOf(after.partition.remove([pack]))).toBe('partition-down');
    expect(after.inner.packs.has(pack)).toBe(false);
  });

  it('is as often faulty as it was told, and the same for the same seed', async () => {
    const run = async (seed: string): Promise<boolean[]> => {
      const { partition } = faulty([{ operations: ['stat'], probability: 0.3, fault: down }], seed);
      const failed: boolean[] = [];
      for (let n = 0; n < 1000; n++) failed.push((await kindOf(partition.stat())) !== undefined);
      return failed;
    };
    const first = await run('one');
    expect(first.filter(Boolean).length / 1000).toBeCloseTo(0.3, 1);
    expect(await run('one')).toEqual(first);
    expect(await run('two')).not.toEqual(first);
  });

  it('adds latency, and can come back', async () => {
    const { partition, clock } = faulty([
      { latencyMs: 100, jitterMs: 50 },
      { operations: ['stat'], latencyMs: 1000 },
    ]);
    await partition.stat();
    await partition.remove([]);
    const [stat, remove] = clock.slept as [number, number];
    expect(stat >= 1100 && stat <= 1150 && remove >= 100 && remove <= 150).toBe(true);
    expect((await partition.probe()).latencyMs).toBeGreaterThanOrEqual(100);
    partition.rules = [{ fault: down }];
    expect((await partition.probe()).ok).toBe(false);
    expect(await kindOf(partition.stat())).toBe('partition-down');
    partition.rules = [];
    expect(await kindOf(partition.stat())).toBeUndefined();
  });

  it('lies by one bit', async () => {
    const { partition } = faulty([{ operations: ['read'], corrupt: true }]);
    const honest = '0123456789abcdefghijklmnopqrstuvwxyz';
    const read = await text(partition);
    expect([...read].filter((letter, at) => letter !== honest[at])).toHaveLength(1);
    expect(partition.readSmall?.(pack, 0, 5, Buffer.alloc(5))).toBe(-1);
    partition.rules = [];
    expect(partition.readSmall?.(pack, 0, 5, Buffer.alloc(5))).toBe(5);
  });

  it('kills a pack with its first failure, as a real one would', async () => {
    const { partition, inner } = faulty([]);
    const writer = await partition.open('ef'.repeat(16));
    writer.append([Buffer.from('x')]);
    await writer.flush();
    partition.rules = [{ operations: ['flush'], fault: down }];
    expect(await kindOf(writer.flush())).toBe('partition-down');
    partition.rules = [];
    expect(await kindOf(writer.flush())).toBe('partition-down');
    expect(await kindOf(writer.seal())).toBe('partition-down');
    expect(await kindOf(writer.ready())).toBe('partition-down');
    expect(() => writer.append([Buffer.from('y')])).toThrow(Fault);
    expect(inner.calls).toEqual(['open', 'flush', 'abort']);
  });
});

describe('reads that are tried again', () => {
  it('are a share of all: a backend that is away is not asked several times for each', async () => {
    const clock = new JumpingClock();
    let asked = 0;
    const inner = new FaultyPartition(filled(), { random: seededRandom('again'), clock, rules: [{ fault: down }] });
    const read = inner.read.bind(inner);
    inner.read = (...given) => {
      asked += 1;
      return read(...given);
    };
    const partition = new RetriedPartition(inner, { policy: usualRetries, clock, random: seededRandom('again') });
    for (let at = 0; at < 200; at++) expect(await kindOf(text(partition))).toBe('partition-down');
    expect(asked).toBeGreaterThan(240);
    expect(asked).toBeLessThanOrEqual(200 + 50 + 0.2 * 200);
    inner.rules = [];
    for (let at = 0; at < 300; at++) await text(partition);
    asked = 0;
    inner.rules = [{ fault: down }];
    await kindOf(text(partition));
    expect(asked).toBe(1 + usualRetries.retriesMax);
  });
});

describe('the wait before another try', () => {
  it('grows, is jittered, and is bounded', () => {
    const random = seededRandom('w');
    for (let retry = 0; retry < 40; retry++) {
      const ms = backoffMs(usualRetries, retry, random);
      expect(ms >= 0 && ms <= Math.min(2000, 50 * 2 ** retry)).toBe(true);
      expect(backoffMs(usualRetries, retry, random, 1e9)).toBeLessThanOrEqual(4000);
    }
  });
});

describe('WatchedPartition', () => {
  const watched = (rules: readonly FaultRule[] = []) => {
    const clock = new JumpingClock();
    const faulty = new FaultyPartition(filled(), { random: seededRandom('watched'), clock, rules });
    const health = new PartitionHealth();
    return { partition: new WatchedPartition(faulty, health, clock), faulty, health, clock };
  };

  it('counts what is under way until its last byte, and times the first one', async () => {
    const { partition, health } = watched([{ operations: ['read'], latencyMs: 30 }]);
    const bytes = partition.read(pack, [{ start: 0, end: 36 }])[Symbol.asyncIterator]();
    await bytes.next();
    expect([health.inFlight, health.latencyMs]).toEqual([1, 30]);
    await bytes.return?.();
    expect(health.inFlight).toBe(0);
    await partition.stat();
    expect(health.inFlight).toBe(0);
  });

  it('does not ask a partition that is down, finds it again by a probe, and says nothing ill of it for what it lacks', async () => {
    const { partition, faulty, health } = watched();
    for (let at = 0; at < 10; at++) expect(await kindOf(read('ab'.repeat(16)))).toBe('pack-missing');
    expect(health.state).toBe('up');
    faulty.rules = [{ fault: down }];
    for (let at = 0; at < 5; at++) expect(await kindOf(read())).toBe('partition-down');
    expect(health.state).toBe('down');
    faulty.rules = [{ operations: ['read', 'stat'], fault: down }];
    expect(await kindOf(partition.stat())).toBe('partition-down');
    for (let turns = 0; turns < 100 && health.state === 'down'; turns++) await new Promise(setImmediate);
    expect(health.state).toBe('up');
    faulty.rules = [];
    expect(await text(partition)).toHaveLength(36);
    await partition.close();

    function read(id = pack): Promise<void> {
      return (async () => {
        for await (const _ of partition.read(id, [{ start: 0, end: 36 }]));
      })();
    }
  });

  it('stops probing when it is closed', async () => {
    const { partition, health } = watched([{ fault: down }]);
    for (let at = 0; at < 5; at++) await kindOf(partition.stat());
    expect(health.state).toBe('down');
    await partition.close();
  });
});
