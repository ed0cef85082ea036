// Counts reach the store each second, also those of the time when it was away.
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import type { CounterBatch, CounterStore } from '../../../src/telemetry/counter-store.ts';
import { DemandCounter } from '../../../src/telemetry/demand-counter.ts';
import { CountReporter } from '../../../src/telemetry/report-counts.ts';
import { ServedCounter } from '../../../src/telemetry/served-counter.ts';

function world({ watches = true } = {}) {
  const wakes: (() => void)[] = [];
  const clock = {
    nowMs: 1_000_000,
    wallMs: () => clock.nowMs,
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        wakes.push(resolve);
        signal?.addEventListener('abort', () => resolve());
      }),
  };
  const added: CounterBatch[] = [];
  const store = { isAway: false };
  const told: string[] = [];
  const demand = new DemandCounter();
  const reporter = new CountReporter({
    process: 'worker 1',
    watches,
    store: {
      async add(batch) {
        if (store.isAway) throw new Error('away');
        added.push(batch);
      },
    } as CounterStore,
    demand,
    served: new ServedCounter(),
    clock: clock as unknown as Clock,
    onAway: () => told.push('away'),
    onBack: () => told.push('back'),
  });
  const second = async (seconds = 1) => {
    clock.nowMs += seconds * 1000;
    wakes.shift()?.();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  return { added, store, told, demand, reporter, second };
}

describe('a reporter', () => {
  it('brings each second what was counted, and that it was there', async () => {
    const { added, demand, second, reporter } = world();
    demand.write('a', 'p1', 5);
    await second();
    await second();
    expect(added.map(({ seconds, demand: counts }) => [seconds, counts.length])).toEqual([
      [1, 1],
      [1, 0],
    ]);
    await reporter.stop();
  });

  it('keeps what cannot be brought, by bin, and says once that it waits and once that it is over', async () => {
    const { added, store, told, demand, second, reporter } = world();
    store.isAway = true;
    for (let at = 0; at < 15; at++) {
      demand.read('a', 'p1', 'b', 10);
      await second();
    }
    store.isAway = false;
    await second();
    const bins = new Set(added.map(({ timeSec }) => Math.floor(timeSec / 10)));
    expect(bins.size).toBe(2);
    expect(added.flatMap(({ demand: counts }) => counts).reduce((sum, { readOps }) => sum + readOps, 0)).toBe(15);
    expect(added.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(16);
    expect(told).toEqual(['away', 'back']);
    await reporter.stop();
  });

  it('that serves nobody does not say that it watched', async () => {
    const { added, second, reporter } = world({ watches: false });
    await second();
    expect(added[0]!.seconds).toBe(0);
    await reporter.stop();
  });
});
