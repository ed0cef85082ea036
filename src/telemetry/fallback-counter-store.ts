// CounterStore that goes on while its first store is away: it adds to the second one then, and always reads the sums of both. Whoever calls
// does not wait for the one that is away: it is tried again every few seconds only, by one call.
import { RestAfterFailure, type RestOptions } from '../base/rest-after-failure.ts';
import {
  type BinCounts,
  binSec,
  type CounterBatch,
  type CounterStore,
  type HeatedBlock,
  heatedMax,
} from './counter-store.ts';
import { foldBins } from './fold-bins.ts';

const retryMsDefault = 3000;

export interface FallbackCounterStoreOptions extends Omit<RestOptions, 'retryMs'> {
  /** Where the counters of all gateways meet. */
  readonly first: CounterStore;
  /** Where those of this machine go meanwhile. */
  readonly second: CounterStore;
  readonly retryMs?: number;
}

export class FallbackCounterStore implements CounterStore {
  readonly #options: FallbackCounterStoreOptions;
  /** Of the first store. */
  readonly #rest: RestAfterFailure;

  constructor(options: FallbackCounterStoreOptions) {
    this.#options = options;
    this.#rest = new RestAfterFailure({ ...options, retryMs: options.retryMs ?? retryMsDefault });
  }

  async add(batch: CounterBatch): Promise<void> {
    // An answer may be lost where the batch was not; it counts twice then, which is better than not at all.
    const isAdded = await this.#tryFirst(async (first) => {
      await first.add(batch);
      return true;
    });
    if (!isAdded) await this.#options.second.add(batch);
  }

  async bins(fromSec: number, toSec: number): Promise<readonly BinCounts[]> {
    const parts = new Map<number, BinCounts[]>();
    for (const bin of await this.#both((store) => store.bins(fromSec, toSec))) {
      parts.set(bin.startSec, [...(parts.get(bin.startSec) ?? []), bin]);
    }
    return [...parts].sort(([a], [b]) => a - b).map(([startSec, bins]) => joined(startSec, bins));
  }

  async hottest(count: number, nowSec: number): Promise<readonly HeatedBlock[]> {
    const blocks = new Map<string, HeatedBlock>();
    // A block may be hot in the sum alone.
    for (const one of await this.#both((store) => store.hottest(heatedMax, nowSec))) {
      blocks.set(one.block, { ...one, heat: one.heat + (blocks.get(one.block)?.heat ?? 0) });
    }
    return [...blocks.values()].sort((a, b) => b.heat - a.heat).slice(0, Math.max(0, count));
  }

  async tidy(nowSec: number): Promise<void> {
    await this.#both(async (store) => {
      await store.tidy(nowSec);
      return [];
    });
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#options.first.close(), this.#options.second.close()]);
  }

  /** Rejects when neither answers. */
  async #both<T>(ask: (store: CounterStore) => Promise<readonly T[]>): Promise<readonly T[]> {
    const [first, second] = await Promise.all([
      this.#tryFirst(ask),
      ask(this.#options.second).catch((error: Error) => error),
    ]);
    if (!(second instanceof Error)) return [...(first ?? []), ...second];
    if (first === undefined) throw second;
    return first;
  }

  /** Undefined when the first store is away. */
  async #tryFirst<T>(ask: (store: CounterStore) => Promise<T>): Promise<T | undefined> {
    const asked = await this.#rest.ask(() => ask(this.#options.first));
    return asked !== undefined && 'answer' in asked ? asked.answer : undefined;
  }
}

/** Seconds add up as well, to a bin at most: whoever counted here for a part of it counted there for the rest. */
function joined(startSec: number, parts: readonly BinCounts[]): BinCounts {
  const bin = foldBins(startSec, parts);
  return { ...bin, seconds: Math.min(bin.seconds, Math.max(binSec, ...parts.map(({ seconds }) => seconds))) };
}
