// The fallback over two stores that do as they are told: who is asked when, who waits, and what is told.
import { describe, expect, it } from 'vitest';
import type { BinCounts, CounterBatch, CounterStore, HeatedBlock } from '../../../src/telemetry/counter-store.ts';
import { FallbackCounterStore } from '../../../src/telemetry/fallback-counter-store.ts';

class StagedStore implements CounterStore {
  asked: string[] = [];
  added: CounterBatch[] = [];
  binsHere: BinCounts[] = [];
  hotHere: HeatedBlock[] = [];
  error: Error | undefined;
  /** While it is there, answers wait for it. */
  gate: Promise<void> | undefined;
  isClosed = false;

  async #answer<T>(what: string, give: () => T): Promise<T> {
    this.asked.push(what);
    const { error } = this;
    await this.gate;
    if (error) throw error;
    return give();
  }
  add = (batch: CounterBatch) => this.#answer('add', () => void this.added.push(batch));
  bins = () => this.#answer('bins', () => this.binsHere);
  hottest = () => this.#answer('hottest', () => this.hotHere);
  tidy = () => this.#answer('tidy', () => {});
  close = async () => {
    this.isClosed = true;
    if (this.error) throw this.error;
  };
}

function world() {
  const first = new StagedStore();
  const second = new StagedStore();
  const told: string[] = [];
  const clock = { nowMs: 5000, monotonicMs: () => clock.nowMs };
  const store = new FallbackCounterStore({
    first,
    second,
    clock,
    retryMs: 3000,
    onAway: (error) => told.push(`away: ${(error as Error).message}`),
    onBack: () => told.push('back'),
  });
  return { first, second, told, clock, store };
}

const batch: CounterBatch = { process: 'w', timeSec: 0, seconds: 1, demand: [], served: [], blocks: [] };
const bin = (startSec: number, seconds: number, readOps: number): BinCounts => ({
  startSec,
  seconds,
  demand: [{ area: 'a', partition: 'p', readOps, writeOps: 0, readBytes: 0, writeBytes: 0 }],
  served: [],
});

describe('a fallback', () => {
  it('adds to the first store alone while it is there', async () => {
    const { first, second, store, told } = world();
    await store.add(batch);
    expect([first.added.length, second.added.length, told]).toEqual([1, 0, []]);
  });

  it('adds to the second one when the first fails, and asks the first again only after a while', async () => {
    const { first, second, store, told, clock } = world();
    first.error = new Error('gone');
    for (let at = 0; at < 5; at++) await store.add(batch);
    await store.bins(0, 10);
    expect([first.asked, second.added.length]).toEqual([['add'], 5]);
    clock.nowMs += 2999;
    await store.add(batch);
    expect(first.asked.length).toBe(1);
    clock.nowMs += 1;
    await store.add(batch);
    await store.add(batch);
    expect(first.asked.length).toBe(2);
    expect(told).toEqual(['away: gone']);
    first.error = undefined;
    clock.nowMs += 3000;
    await store.add(batch);
    await store.add(batch);
    expect([first.added.length, second.added.length]).toEqual([2, 8]);
    expect(told).toEqual(['away: gone', 'back']);
  });

  it('says once that it is away when many calls fail at once', async () => {
    const { first, second, store, told } = world();
    first.error = new Error('gone');
    await Promise.all(Array.from({ length: 9 }, () => store.add(batch)));
    expect([second.added.length, told]).toEqual([9, ['away: gone']]);
  });

  it('lets nobody wait for an attempt but who makes it', async () => {
    const { first, second, store, clock } = world();
    first.error = new Error('gone');
    await store.add(batch);
    clock.nowMs += 3000;
    let open = (): void => {};
    first.gate = new Promise((resolve) => {
      open = resolve;
    });
    const attempt = store.add(batch);
    await Promise.all([store.add(batch), store.bins(0, 10), store.hottest(1, 0), store.tidy(0)]);
    expect(second.added.length).toBe(2);
    open();
    await attempt;
    expect(second.added.length).toBe(3);
  });

  it('does not take a late answer from before for a return', async () => {
    const { first, store, told } = world();
    let open = (): void => {};
    first.gate = new Promise((resolve) => {
      open = resolve;
    });
    const slow = store.add(batch);
    first.gate = undefined;
    first.error = new Error('gone');
    await store.add(batch);
    open();
    await slow;
    expect(told).toEqual(['away: gone']);
  });

  it('reads the sums of both, in order, and seconds up to a whole bin', async () => {
    const { first, second, store } = world();
    first.binsHere = [bin(10, 4, 1), bin(30, 10.2, 2)];
    second.binsHere = [bin(0, 10, 4), bin(10, 5, 8), bin(30, 3, 16)];
    const read = (await store.bins(0, 40)).map(({ startSec, seconds, demand }) => [
      startSec,
      seconds,
      demand[0]!.readOps,
    ]);
    expect(read).toEqual([
      [0, 10, 4],
      [10, 9, 9],
      [30, 10.2, 18],
    ]);
  });

  it('ranks blocks by the heat of both', async () => {
    const { first, second, store } = world();
    const hot = (block: string, heat: number): HeatedBlock => ({ block, area: 'a', heat });
    first.hotHere = [hot('x', 5), hot('y', 4)];
    second.hotHere = [hot('z', 6), hot('y', 3)];
    expect(await store.hottest(2, 0)).toEqual([hot('y', 7), hot('z', 6)]);
  });

  it('reads what either has while the other is away, and rejects when both are', async () => {
    const { first, second, store } = world();
    first.binsHere = [bin(0, 1, 1)];
    second.error = new Error('no disk');
    expect((await store.bins(0, 10)).length).toBe(1);
    first.error = new Error('gone');
    await expect(store.bins(0, 10)).rejects.toThrow('no disk');
    await expect(store.add(batch)).rejects.toThrow('no disk');
  });

  it('closes both, whatever they say', async () => {
    const { first, second, store } = world();
    first.error = new Error('gone');
    await store.close();
    expect([first.isClosed, second.isClosed]).toEqual([true, true]);
  });
});
