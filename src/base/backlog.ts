// How long those who are turned away should stay away: about as many seconds as there are refused ones to each admitted one of late,
// spread, so that they neither come back all at once nor wait when the crowd is gone.
import type { Clock } from './clock.ts';
import { secondMs } from './units.ts';

const halfLifeMs = 2 * secondMs;
const retryMsMin = 1 * secondMs;
const retryMsMax = 8 * secondMs; // before it is spread
const spreads = 8;

export class Backlog {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #admitted = 0;
  #refused = 0;
  #agedMs = 0;
  #turn = 0;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  admitted(): void {
    this.#age();
    this.#admitted += 1;
  }

  /** One more; how long it should wait. */
  turnedAway(): number {
    this.#age();
    this.#refused += 1;
    const spread = 0.5 + (this.#turn++ % spreads) / spreads;
    const ratio = this.#refused / Math.max(1, this.#admitted);
    return Math.max(retryMsMin, Math.min(retryMsMax, ratio * secondMs) * spread);
  }

  #age(): void {
    const nowMs = this.#clock.monotonicMs();
    const faded = 0.5 ** ((nowMs - this.#agedMs) / halfLifeMs);
    this.#agedMs = nowMs;
    this.#admitted *= faded;
    this.#refused *= faded;
  }
}
