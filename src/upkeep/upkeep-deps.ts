// What every doer of upkeep works with.
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Catalog, Change } from '../catalog/catalog.ts';
import type { Storage } from '../objects/open-storage.ts';
import type { SeatMap } from '../objects/seats.ts';
import type { Lease } from './lease.ts';

export interface UpkeepDeps {
  /** The pilot's own share of the storage. */
  readonly storage: Storage;
  readonly partitions: SeatMap;
  readonly clock: Clock;
  readonly random: Random;
  readonly control: Control;
  readonly knobs: UpkeepKnobs;
}

export interface UpkeepKnobs {
  /** How much younger than the oldest running read dropped bytes must be left alone. */
  readonly readMarginMs: number;
  /**
   * The same for rows that say when bytes were dropped: that time was taken before the commit, and reads that began in
   * between still want the bytes. Longer than a process may stand still before it is ended.
   */
  readonly dropMarginMs: number;
  readonly areaBytesMax: number;
  readonly areaBytesMin: number;
  /** Packs without a row are left alone for so long: another catalog, restored from a backup, may still want them. */
  readonly orphanGraceMs: number;
  readonly checkpointEveryMs: number;
  /** Longer than any commit takes: a checkpoint is replayed from so long before it began. */
  readonly checkpointMarginMs: number;
  readonly compactBytesPerTick: number;
  /** A pack that was sealed just now is not compacted: its blocks may still be overwritten. */
  readonly settledMs: number;
  /** No doer waits longer than this, whatever it asks for. */
  readonly everyMsMax: number;
  /** How long after the start of one round of scrubbing the next one begins; 0: never. */
  readonly scrubEveryDays: number;
}

/** One job of upkeep; `tick` does a bounded piece of it. */
export interface Doer {
  readonly name: string;
  readonly everyMs: number;
  tick(): Promise<void>;
}

/** Commits of the leader: each one checks that it still leads. */
export class Control {
  readonly #catalog: Catalog;
  readonly #lease: Lease;

  constructor(catalog: Catalog, lease: Lease) {
    this.#catalog = catalog;
    this.#lease = lease;
  }

  /** Throws session-fenced when the lease is lost; a conflict is one of the change's own checks. */
  async commit(change: Change): Promise<'done' | 'conflict'> {
    for (;;) {
      const check = this.#lease.check();
      const checks = [...change.checks, check];
      if ((await this.#catalog.commit({ checks, writes: change.writes })) === 'done') return 'done';
      await this.#lease.refresh();
      if (this.#lease.check()[1] === check[1]) return 'conflict'; // else the lease was only renewed meanwhile
    }
  }
}
