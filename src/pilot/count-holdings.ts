// How many bytes of which area lie on which partition. No row says so, and none could without being hot: every commit of every worker would touch
// it. So the block rows are walked round and round, a bounded piece a second; what a round counted stands until the next one has ended.
import type { Clock } from '../base/clock.ts';
import { secondMs } from '../base/units.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { tag } from '../catalog/keys.ts';
import { blockViewOf } from '../catalog/records/block.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import { type Doer, RollingWalk } from '../upkeep/upkeep.ts';

export interface Held {
  bytes: number;
  blocks: number;
}

export type Holdings = ReadonlyMap<AreaId, ReadonlyMap<PartitionId, Readonly<Held>>>;

export interface CountedHoldings {
  readonly of: Holdings;
  /** When the round that counted them began: what happened since may be missing. */
  readonly sinceSec: number;
}

/** A million blocks take two and a half minutes, and two hundredths of a processor. */
const rowsPerTick = 6000;
const rowsPerPage = 1000;
/** Rounds of a small store begin so long after each other. */
const roundEverySec = 20;

export class HoldingCounter implements Doer {
  readonly name = 'holdings';
  readonly everyMs = 1 * secondMs;
  readonly #clock: Pick<Clock, 'wallMs'>;
  readonly #walk: RollingWalk;
  #round = new Map<AreaId, Map<PartitionId, Held>>();
  #beganSec: number | undefined;
  #seen = 0;
  #counted: CountedHoldings | undefined;

  constructor(catalog: Catalog, clock: Pick<Clock, 'wallMs'>) {
    this.#clock = clock;
    this.#walk = new RollingWalk(catalog, tag.block);
  }

  /** Undefined: the first round is not over. */
  get counted(): CountedHoldings | undefined {
    return this.#counted;
  }

  /** Blocks that the round has seen so far. */
  get seen(): number {
    return this.#seen;
  }

  async tick(): Promise<void> {
    const nowSec = this.#clock.wallMs() / 1000;
    if (this.#beganSec === undefined) {
      const sinceSec = this.#counted?.sinceSec ?? Number.NEGATIVE_INFINITY;
      // A clock that went back counts anew.
      if (nowSec >= sinceSec && nowSec < sinceSec + roundEverySec) return;
      this.#beganSec = nowSec;
    }
    for (let left = rowsPerTick; left > 0; left -= rowsPerPage) {
      const { rows, wrapped } = await this.#walk.page(rowsPerPage);
      for (const { value } of rows) this.#count(value);
      if (!wrapped) continue;
      this.#counted = { of: this.#round, sinceSec: this.#beganSec };
      this.#round = new Map();
      this.#beganSec = undefined;
      this.#seen = 0;
      return;
    }
  }

  #count(value: Buffer): void {
    const { area, partition, length } = blockViewOf(value);
    let of = this.#round.get(area);
    if (of === undefined) {
      of = new Map();
      this.#round.set(area, of);
    }
    const held = of.get(partition);
    if (held === undefined) of.set(partition, { bytes: length, blocks: 1 });
    else {
      held.bytes += length;
      held.blocks += 1;
    }
    this.#seen += 1;
  }
}
