// When the oldest running read of this process started: bytes that died before it are still safe to be removed only later.
import type { Clock } from '../base/clock.ts';

export class RunningReads {
  readonly #clock: Clock;
  readonly #starts = new Set<{ readonly startMs: number }>(); // in order of start

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(): () => void {
    const read = { startMs: this.#clock.steadyMs() };
    this.#starts.add(read);
    return () => this.#starts.delete(read);
  }

  /** Now, when none runs. */
  oldestMs(): number {
    const [oldest] = this.#starts;
    const nowMs = this.#clock.steadyMs();
    return oldest === undefined ? nowMs : Math.min(oldest.startMs, nowMs);
  }
}
