// Health: from what is answered, and what is not.
import { describe, expect, it } from 'vitest';
import { PartitionHealth } from '../../../src/partition/health.ts';
import { chance, normal } from '../forecast/made-series.ts';

const answered = (health: PartitionHealth, count: number, latencyMs: (at: number) => number, fromMs = 0): void => {
  for (let at = 0; at < count; at++) health.note('good', fromMs + at * 10, latencyMs(at));
};

describe('health', () => {
  it('is judged by the partition’s own usual, slow or fast', () => {
    for (const usualMs of [1, 200]) {
      const random = chance(7);
      const health = new PartitionHealth();
      answered(health, 2000, () => usualMs * Math.exp(0.3 * normal(random)));
      expect(health.state).toBe('up');
      answered(health, 60, () => 3 * usualMs * Math.exp(0.3 * normal(random)));
      expect(health.state).toBe('struggling');
      answered(health, 100, () => usualMs * Math.exp(0.3 * normal(random)));
      expect(health.state).toBe('up');
    }
  });

  it('knows what the slowest twentieth of its answers takes', () => {
    const random = chance(11);
    const health = new PartitionHealth();
    expect(health.lateMs).toBeNaN();
    answered(health, 5000, () => 20 * random());
    let late = 0;
    for (let at = 0; at < 2000; at++) {
      const latencyMs = 20 * random();
      if (latencyMs > health.lateMs) late += 1;
      health.note('good', 50_000 + at, latencyMs);
    }
    expect(late / 2000).toBeGreaterThan(0.03);
    expect(late / 2000).toBeLessThan(0.07);
  });

  it('takes a partition for able of no more than it was granted, at once or by the second', () => {
    for (const [granted, limit] of [
      [{ concurrency: 4 }, 4],
      [{ concurrency: 400 }, 32],
      [{ readOps: 100 }, 5],
      [{ readOps: 1 }, 2],
      [{ concurrency: 3, readOps: 100 }, 3],
    ] as const) {
      const health = new PartitionHealth(granted);
      answered(health, 100, () => 50);
      expect(health.limit).toBeCloseTo(limit, 5);
    }
  });

  it('calls nobody slow before it knows what is usual', () => {
    const health = new PartitionHealth();
    answered(health, 3, () => 1);
    answered(health, 15, () => 100);
    expect(health.state).toBe('up');
  });

  it('takes a partition that stays slow for a slow one, in the end', () => {
    const health = new PartitionHealth();
    answered(health, 2000, () => 10);
    answered(health, 1000, () => 30);
    expect(health.state).toBe('struggling');
    answered(health, 20_000, () => 30);
    expect(health.state).toBe('up');
  });

  it('is struggling when a part of what is asked fails, down after five failures in a row, and up again after a probe', () => {
    const health = new PartitionHealth();
    answered(health, 100, () => 10);
    for (let at = 0; at < 30; at++) health.note(at % 4 === 0 ? 'failed' : 'good', 2000 + at);
    expect(health.state).toBe('struggling');
    for (let at = 0; at < 4; at++) health.note('failed', 3000 + at);
    expect(health.state).toBe('struggling');
    health.note('failed', 3010);
    expect(health.state).toBe('down');
    health.note('good', 3020); // an answer that was still under way
    expect(health.state).toBe('down');
    health.recovered();
    expect(health.state).toBe('up');
  });

  it('a partition that says it is busy is not down', () => {
    const health = new PartitionHealth();
    for (let at = 0; at < 100; at++) health.note('busy', at * 10);
    expect(health.state).toBe('struggling');
  });
});

describe('the limit', () => {
  const crowd = (health: PartitionHealth, count: number) => {
    for (let at = 0; at < count; at++) health.begin();
  };

  it('grows while much is asked and well answered, and not while little is asked', () => {
    const health = new PartitionHealth();
    answered(health, 5000, () => 10);
    expect(health.limit).toBe(32);
    crowd(health, 200);
    answered(health, 5000, () => 10);
    expect(health.limit).toBeGreaterThan(90);
    expect(health.inFlight).toBe(200);
  });

  it('falls when it is slow or busy, once in the time of an answer, and not below four', () => {
    const health = new PartitionHealth();
    crowd(health, 200);
    answered(health, 5000, () => 10);
    const before = health.limit;
    for (let at = 0; at < 50; at++) health.note('busy', 100_000);
    expect(health.limit).toBeCloseTo(0.8 * before, 5);
    for (let at = 0; at < 1000; at++) health.note('busy', 200_000 + at * 20);
    expect(health.limit).toBe(4);
  });
});
