// EchoMap that no read waits for: one that does not answer at once is done without, and is asked again now and then only, by one question.
import type { Clock } from '../../base/clock.ts';
import { within } from '../../base/within.ts';
import type { Echo, EchoName } from '../../model/echo.ts';
import type { BlockId } from '../../model/ids.ts';
import { type EchoMap, EchoMapAway } from '../echo-map.ts';

/** What a read may wait for: a map on the same network answers in a millisecond, and a primary in trouble still answers too. */
const ofMsDefault = 80;
const retryMsDefault = 500;

export interface GuardedEchoMapOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly ofMs?: number;
  /** How long nobody asks after a failure. */
  readonly retryMs?: number;
  /** Once when the map goes away, once when it is back. */
  readonly onAway?: (error: unknown) => void;
  readonly onBack?: () => void;
}

/** Every question to a map that is away rejects with `EchoMapAway`. */
export class GuardedEchoMap implements EchoMap {
  readonly #map: EchoMap;
  readonly #options: GuardedEchoMapOptions;
  /** When it may be asked again; undefined while it is there. */
  #awayUntilMs: number | undefined;

  constructor(map: EchoMap, options: GuardedEchoMapOptions) {
    this.#map = map;
    this.#options = options;
  }

  of(block: BlockId): Promise<readonly Echo[]> {
    const { ofMs = ofMsDefault } = this.#options;
    return this.#ask(() => within(Promise.resolve(this.#map.of(block)), undefined, ofMs));
  }

  page(after: EchoName | undefined, count: number): Promise<readonly Echo[]> {
    return this.#ask(() => this.#map.page(after, count));
  }

  /** Its own failures say nothing of reads: a Redis that is full takes no entries and still shows those that it has. */
  async change(name: EchoName, known: Echo | undefined, next: Echo | undefined): Promise<boolean> {
    if (this.#rests()) throw new EchoMapAway();
    return await this.#map.change(name, known, next);
  }

  async close(): Promise<void> {
    await this.#map.close();
  }

  #rests(): boolean {
    return this.#awayUntilMs !== undefined && this.#options.clock.monotonicMs() < this.#awayUntilMs;
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    const { clock, retryMs = retryMsDefault, onAway, onBack } = this.#options;
    if (this.#rests()) throw new EchoMapAway();
    const wasAway = this.#awayUntilMs !== undefined;
    // Others do not wait for this attempt.
    if (wasAway) this.#awayUntilMs = clock.monotonicMs() + retryMs;
    try {
      const answer = await question();
      if (wasAway && this.#awayUntilMs !== undefined) {
        this.#awayUntilMs = undefined;
        onBack?.();
      }
      return answer;
    } catch (error) {
      const isNews = this.#awayUntilMs === undefined;
      this.#awayUntilMs = clock.monotonicMs() + retryMs;
      if (isNews) onAway?.(error);
      throw new EchoMapAway(error);
    }
  }
}
