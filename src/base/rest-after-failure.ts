// Something elsewhere that may be away: asked while it answers; after a failure left alone for a while, then asked by one question at a time.
import type { Clock } from './clock.ts';

export interface RestOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** How long nobody asks after a failure. */
  readonly retryMs: number;
  /** Once when it goes away, once when it is back. */
  readonly onAway?: ((error: unknown) => void) | undefined;
  readonly onBack?: (() => void) | undefined;
}

export class RestAfterFailure {
  readonly #options: RestOptions;
  /** When it may be asked again; undefined while it is there. */
  #awayUntilMs: number | undefined;

  constructor(options: RestOptions) {
    this.#options = options;
  }

  /** It is left alone just now. */
  get rests(): boolean {
    return this.#awayUntilMs !== undefined && this.#options.clock.monotonicMs() < this.#awayUntilMs;
  }

  /** Undefined while it rests: nobody was asked. */
  async ask<T>(
    question: () => Promise<T>,
  ): Promise<{ readonly answer: T } | { readonly failure: unknown } | undefined> {
    const { clock, retryMs, onAway, onBack } = this.#options;
    if (this.rests) return undefined;
    const wasAway = this.#awayUntilMs !== undefined;
    // Others do not wait for this attempt.
    if (wasAway) this.#awayUntilMs = clock.monotonicMs() + retryMs;
    try {
      const answer = await question();
      if (wasAway && this.#awayUntilMs !== undefined) {
        this.#awayUntilMs = undefined;
        onBack?.();
      }
      return { answer };
    } catch (failure) {
      const isNews = this.#awayUntilMs === undefined;
      this.#awayUntilMs = clock.monotonicMs() + retryMs;
      if (isNews) onAway?.(failure);
      return { failure };
    }
  }
}
