// EchoMap whose answers are kept for a moment: a crowd asks for the same few blocks hundreds of times a second. An old answer costs a try,
// never a wrong byte: what is read is checked, and whoever changes an entry compares it.
import type { Clock } from '../../base/clock.ts';
import type { Echo, EchoName } from '../../model/echo.ts';
import type { BlockId } from '../../model/ids.ts';
import type { EchoMap } from '../echo-map.ts';

const keptMsDefault = 200;
const blocksMax = 4096;

interface Known {
  readonly echoes: Promise<readonly Echo[]> | readonly Echo[];
  /** Infinite while the question is under way: who asks the same waits with it. */
  readonly untilMs: number;
}

/** What this process changed it sees at once, what others changed within `keptMs`. */
export class CachedEchoMap implements EchoMap {
  readonly #map: EchoMap;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #keptMs: number;
  readonly #known = new Map<BlockId, Known>();

  constructor(map: EchoMap, clock: Pick<Clock, 'monotonicMs'>, keptMs = keptMsDefault) {
    this.#map = map;
    this.#clock = clock;
    this.#keptMs = keptMs;
  }

  of(block: BlockId): readonly Echo[] | Promise<readonly Echo[]> {
    const known = this.#known.get(block);
    if (known !== undefined && this.#clock.monotonicMs() < known.untilMs) return known.echoes;
    const asked = Promise.resolve(this.#map.of(block));
    const underWay: Known = { echoes: asked, untilMs: Number.POSITIVE_INFINITY };
    this.#keep(block, underWay);
    const settle = (echoes?: readonly Echo[]): void => {
      if (this.#known.get(block) !== underWay) return;
      if (echoes === undefined) this.#known.delete(block);
      else this.#keep(block, { echoes, untilMs: this.#clock.monotonicMs() + this.#keptMs });
    };
    asked.then(settle, () => settle());
    return asked;
  }

  page(after: EchoName | undefined, count: number): Promise<readonly Echo[]> {
    return this.#map.page(after, count);
  }

  async change(name: EchoName, known: Echo | undefined, next: Echo | undefined): Promise<boolean> {
    try {
      return await this.#map.change(name, known, next);
    } finally {
      // Also what is under way: it may have been asked before the change.
      this.#known.delete(name.block);
    }
  }

  async close(): Promise<void> {
    this.#known.clear();
    await this.#map.close();
  }

  #keep(block: BlockId, known: Known): void {
    this.#known.delete(block); // the order of the map is that of the questions
    this.#known.set(block, known);
    if (this.#known.size > blocksMax) this.#known.delete(this.#known.keys().next().value!);
  }
}
