// So many bytes per second and no more: a bucket of tokens that may be overdrawn by one piece, so that pieces of any size get through.
import type { Clock } from '../../base/clock.ts';

export class Pace {
  readonly #bytesPerSec: () => number;
  readonly #clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  /** What was taken is paid for by then. */
  #paidMs = Number.NEGATIVE_INFINITY;

  /** The rate may change while it runs. */
  constructor(bytesPerSec: () => number, clock: Pick<Clock, 'monotonicMs' | 'sleep'>) {
    this.#bytesPerSec = bytesPerSec;
    this.#clock = clock;
  }

  /** Resolves when what was taken before is paid for. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    for (let nowMs = this.#clock.monotonicMs(); nowMs < this.#paidMs; nowMs = this.#clock.monotonicMs())
      await this.#clock.sleep(this.#paidMs - nowMs, signal);
    this.#paidMs = Math.max(this.#paidMs, this.#clock.monotonicMs()) + (1000 * bytes) / this.#bytesPerSec();
  }
}
