// Takes finished bins out of the counter store and keeps them in the catalog: fine ones for minutes, coarse ones for weeks. A bin into which
// nobody reported leaves no row: what was not measured is missing, not zero.
import type { Clock } from '../base/clock.ts';
import type { Catalog, Write } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeDemandBin, encodeDemandBin } from '../catalog/records/demand-bin.ts';
import { type BinCounts, binOf, binSec, type CounterStore, foldBins, rings } from '../telemetry/telemetry.ts';
import type { Control, Doer } from '../upkeep/upkeep.ts';

/** What one tick takes in and lets go of. */
const binsMax = 12;
const expiredMax = 500;

export interface RingDeps {
  readonly catalog: Catalog;
  readonly control: Control;
  readonly counters: CounterStore;
  readonly clock: Clock;
  /** False: the catalog may not grow now; bins wait where they are counted. */
  readonly hasRoom: () => Promise<boolean>;
  /** The last second of a bin is on its way for so long. */
  readonly settleSec: number;
}

export class RingKeeper implements Doer {
  readonly name = 'rings';
  readonly everyMs = 1000;
  readonly #deps: RingDeps;
  /** Bins before it are kept, or were never reported. */
  #nextSec: number | undefined;

  constructor(deps: RingDeps) {
    this.#deps = deps;
  }

  async tick(): Promise<void> {
    const { counters, clock, settleSec, hasRoom } = this.#deps;
    if (!(await hasRoom())) return;
    const nowSec = clock.wallMs() / 1000;
    const untilSec = binOf(nowSec - settleSec);
    this.#nextSec ??= await this.#afterNewest();
    // A clock that went back for longer than bins are kept was wrong before: it is believed now.
    if (this.#nextSec > untilSec + rings[0].keptSec) this.#nextSec = untilSec - binSec;
    const fromSec = Math.min(Math.max(this.#nextSec, untilSec - rings[0].keptSec), untilSec);
    if (fromSec === untilSec) return;
    const toSec = Math.min(untilSec, fromSec + binsMax * binSec);
    for (const bin of await counters.bins(fromSec, toSec)) await this.#keep(bin);
    this.#nextSec = toSec;
    await this.#expire(nowSec);
    await counters.tidy(nowSec);
  }

  async #afterNewest(): Promise<number> {
    const { catalog } = this.#deps;
    const [newest] = await catalog.range(keys.demandRing(binSec), keys.demandRing(binSec + 1), {
      reverse: true,
      limit: 1,
    });
    return newest === undefined ? 0 : decodeDemandBin(newest.value).startSec + binSec;
  }

  /** One commit: either all rings have it or none. */
  async #keep(bin: BinCounts): Promise<void> {
    const { catalog, control } = this.#deps;
    const writes: Write[] = [];
    for (const { stepSec } of rings) {
      const startSec = Math.floor(bin.startSec / stepSec) * stepSec;
      const key = keys.demandBin(stepSec, startSec);
      const kept = stepSec === binSec ? undefined : await catalog.get(key);
      const sum = kept === undefined ? [bin] : [decodeDemandBin(kept.value), bin];
      writes.push([key, encodeDemandBin(foldBins(startSec, sum))]);
    }
    await control.commit({ checks: [], writes });
  }

  async #expire(nowSec: number): Promise<void> {
    const { catalog, control } = this.#deps;
    for (const { stepSec, keptSec } of rings) {
      const beforeSec = Math.max(0, Math.floor(nowSec - keptSec));
      const old = await catalog.range(keys.demandRing(stepSec), keys.demandBin(stepSec, beforeSec), {
        limit: expiredMax,
      });
      if (old.length > 0) await control.commit({ checks: [], writes: old.map(({ key }): Write => [key, undefined]) });
    }
  }
}
