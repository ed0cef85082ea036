// Simulated time: it stands still while anything can go on without it, then jumps to whoever wakes next. No real timer and no real I/O
// means that a seed plays the same life again.
import type { Clock } from '../../../../src/base/clock.ts';

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

export class TurningClock implements Clock {
  #nowMs: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  wallMs = (): number => this.#nowMs;
  monotonicMs = (): number => this.#nowMs;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const giveUp = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal!.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const sleeper = { atMs: this.#nowMs + Math.max(0, Math.ceil(ms)), wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', giveUp);
    });

  /** Turns until `isOver`; false when nothing can go on any more before it is, or not within an hour. */
  async turnUntil(isOver: () => boolean): Promise<boolean> {
    const endMs = this.#nowMs + 3_600_000;
    for (;;) {
      await new Promise((done) => setImmediate(done)); // everything that needs no time has happened
      if (isOver()) return true;
      let next: Sleeper | undefined;
      for (const sleeper of this.#sleepers) if (next === undefined || sleeper.atMs < next.atMs) next = sleeper;
      if (next === undefined || this.#nowMs > endMs) return false;
      this.#sleepers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
  }

  /** Turns until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    if (!(await this.turnUntil(() => isDone))) throw new Error('the work never ends');
    return await work;
  }
}
