// Brings what this process counted to the counter store, once a second. A second that cannot be brought waits, folded into the seconds
// that follow; what is older than the store keeps is let go. Nobody waits for any of it.
import type { Clock } from '../base/clock.ts';
import { binOf, binSec, type CounterBatch, type CounterStore, keptSec } from './counter-store.ts';
import type { DemandCounter } from './demand-counter.ts';
import { foldBins } from './fold-bins.ts';
import type { ServedCounter } from './served-counter.ts';

/** Of one second: the rest is cold. */
const blocksMax = 64;
const everySec = 1;

export interface ReporterOptions {
  readonly process: string;
  /** Serves clients: while it is there, what is not counted was not asked. */
  readonly watches: boolean;
  readonly store: CounterStore;
  readonly demand: DemandCounter;
  readonly served: ServedCounter;
  readonly clock: Clock;
  /** Once when the store went away, once when it is back. */
  readonly onAway?: (error: unknown) => void;
  readonly onBack?: () => void;
}

export class CountReporter {
  readonly #options: ReporterOptions;
  /** What could not be brought yet, by bin. */
  readonly #waiting = new Map<number, CounterBatch>();
  readonly #stopping = new AbortController();
  readonly ended: Promise<void>;
  #lastSec: number;
  #isAway = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#lastSec = options.clock.wallMs() / 1000;
    this.ended = this.#run();
  }

  /** Brings what there is, and ends. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.ended;
    await this.#report();
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#options.clock.sleep(everySec * 1000, this.#stopping.signal).catch(() => {});
      if (!this.#stopping.signal.aborted) await this.#report();
    }
  }

  async #report(): Promise<void> {
    const { process, watches, store, demand, served, clock, onAway, onBack } = this.#options;
    const nowSec = clock.wallMs() / 1000;
    const seconds = watches ? Math.min(binSec, Math.max(0, nowSec - this.#lastSec)) : 0;
    this.#lastSec = nowSec;
    const { demand: counts, blocks } = demand.drain();
    const fresh = {
      process,
      timeSec: nowSec,
      seconds,
      demand: counts,
      served: served.drain(),
      blocks: blocks.slice(0, blocksMax),
    };
    this.#keep(fresh);
    for (const [bin, batch] of [...this.#waiting]) {
      if (bin < nowSec - keptSec) this.#waiting.delete(bin);
      else {
        try {
          await store.add(batch);
          this.#waiting.delete(bin);
          if (this.#isAway) onBack?.();
          this.#isAway = false;
        } catch (error) {
          if (!this.#isAway) onAway?.(error);
          this.#isAway = true;
          return;
        }
      }
    }
  }

  #keep(fresh: CounterBatch): void {
    const bin = binOf(fresh.timeSec);
    const kept = this.#waiting.get(bin);
    if (kept === undefined) return void this.#waiting.set(bin, fresh);
    const folded = foldBins(bin, [
      { startSec: bin, ...kept },
      { startSec: bin, ...fresh },
    ]);
    const blocks = [...kept.blocks, ...fresh.blocks].sort((a, b) => b.reads - a.reads).slice(0, blocksMax);
    this.#waiting.set(bin, { ...folded, process: fresh.process, timeSec: fresh.timeSec, blocks });
  }
}
