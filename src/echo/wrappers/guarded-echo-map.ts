// EchoMap that no read waits for: one that does not answer at once is done without, and is asked again now and then only, by one question.
import { RestAfterFailure, type RestOptions } from '../../base/rest-after-failure.ts';
import { within } from '../../base/within.ts';
import type { Echo, EchoName } from '../../model/echo.ts';
import type { BlockId } from '../../model/ids.ts';
import { type EchoMap, EchoMapAway } from '../echo-map.ts';

/** What a read may wait for: a map on the same network answers in a millisecond, and a primary in trouble still answers too. */
const ofMsDefault = 80;
const retryMsDefault = 500;

export interface GuardedEchoMapOptions extends Omit<RestOptions, 'retryMs'> {
  readonly ofMs?: number;
  readonly retryMs?: number;
}

/** Every question to a map that is away rejects with `EchoMapAway`. */
export class GuardedEchoMap implements EchoMap {
  readonly #map: EchoMap;
  readonly #ofMs: number;
  readonly #rest: RestAfterFailure;

  constructor(map: EchoMap, options: GuardedEchoMapOptions) {
    this.#map = map;
    this.#ofMs = options.ofMs ?? ofMsDefault;
    this.#rest = new RestAfterFailure({ ...options, retryMs: options.retryMs ?? retryMsDefault });
  }

  of(block: BlockId): Promise<readonly Echo[]> {
    return this.#ask(() => within(Promise.resolve(this.#map.of(block)), undefined, this.#ofMs));
  }

  page(after: EchoName | undefined, count: number): Promise<readonly Echo[]> {
    return this.#ask(() => this.#map.page(after, count));
  }

  /** Its own failures say nothing of reads: a Redis that is full takes no entries and still shows those that it has. */
  async change(name: EchoName, known: Echo | undefined, next: Echo | undefined): Promise<boolean> {
    if (this.#rest.rests) throw new EchoMapAway();
    return await this.#map.change(name, known, next);
  }

  async close(): Promise<void> {
    await this.#map.close();
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    const asked = await this.#rest.ask(question);
    if (asked === undefined) throw new EchoMapAway();
    if ('failure' in asked) throw new EchoMapAway(asked.failure);
    return asked.answer;
  }
}
