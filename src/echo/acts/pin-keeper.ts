// Keeps what is pinned: an echo that was lost with its partition, or dropped because its bytes were wrong, is made anew, and the pin of a block
// that is no more goes with it. The leader does this; whoever pinned has made the first echoes.
import type { Clock } from '../../base/clock.ts';
import { secondMs } from '../../base/units.ts';
import { keys } from '../../catalog/keys.ts';
import { decodeBlock } from '../../catalog/records/block.ts';
import type { BlockId } from '../../model/ids.ts';
import { type PinDeps, pinBlock } from './pin-block.ts';
import { type Pin, type PinTools, pagePins, writePins } from './pins.ts';

export interface PinKeeperDeps extends PinTools {
  readonly pin: PinDeps;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

const pageRows = 500;
/** A tick ends after so long; the next one goes on from there. */
const tickMs = 5 * secondMs;
/** So many failures of one tick mean that something larger is wrong. */
const failuresMax = 5;

export class PinKeeper {
  readonly name = 'echo-pins';
  readonly everyMs = 10 * secondMs;
  readonly #deps: PinKeeperDeps;
  #last: BlockId | undefined;

  constructor(deps: PinKeeperDeps) {
    this.#deps = deps;
  }

  /** Throws the first failure when it has done what could be done. */
  async tick(): Promise<void> {
    const { catalog, clock, pin } = this.#deps;
    const untilMs = clock.monotonicMs() + tickMs;
    const failures: unknown[] = [];
    let neighbours: ReturnType<PinDeps['neighbours']> | undefined;
    const own: PinDeps = { ...pin, neighbours: () => (neighbours ??= pin.neighbours()) };
    for (;;) {
      const pins = await pagePins(catalog, this.#last, pageRows);
      const gone: BlockId[] = [];
      for (const one of pins) {
        if (clock.monotonicMs() > untilMs || failures.length >= failuresMax) break;
        this.#last = one.block;
        await this.#keep(own, one, gone).catch((error: unknown) => failures.push(error));
      }
      await writePins(this.#deps, gone, 0);
      if (clock.monotonicMs() > untilMs || failures.length >= failuresMax) break;
      if (pins.length < pageRows) {
        this.#last = undefined;
        break;
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  async #keep(deps: PinDeps, { block, count }: Pin, gone: BlockId[]): Promise<void> {
    const row = await this.#deps.catalog.get(keys.block(block));
    if (row === undefined) gone.push(block);
    else await pinBlock(deps, block, decodeBlock(row.value), { count, surplus: 'pinned' });
  }
}
