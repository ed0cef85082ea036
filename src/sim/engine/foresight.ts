// What is foreseen of the fleet, put together as the forecaster does it (control.md §2): what was said of each area, under the present shares, and
// around it how sums over the same areas erred at the same moments of the last days. What was said comes from the cache: it depends on demand
// alone. Declared jobs come on top.

import { once } from '../../base/once.ts';
import type { Prediction, QuantileRow } from '../../placement/placement.ts';
import { binMinutes } from '../base-series.ts';
import type { World } from '../world.ts';
import { AreasAhead } from './areas-ahead.ts';
import { ErrorPaths, type Share } from './error-spread.ts';
import type { JobRun } from './fleet-load.ts';
import { readersAt, writersAt } from './shares-at.ts';
import type { SimFleet } from './sim-fleet.ts';

/** Errors change slowly: their spread is measured anew so often. */
const spreadEveryBins = 24;

type Made = Pick<Prediction, 'partitions' | 'areas' | 'declared'>;

/** What a load is of, and whether it is of the same as before. */
interface Source {
  readonly name: string;
  readonly version: number;
}

/** How far quantiles lie from the sum of what was said, by step. */
interface Spread {
  readonly version: number;
  readonly bin: number;
  readonly rows: readonly (readonly number[])[];
}

export class Foresight {
  readonly #world: World;
  readonly #fleet: SimFleet;
  readonly #errors: ErrorPaths;
  readonly #spreads = new Map<string, Spread>();
  readonly #rows = new Map<
    string,
    { readonly version: number; readonly bin: number; readonly rows: readonly QuantileRow[] }
  >();
  readonly #areas: AreasAhead;
  #made: { readonly bin: number; readonly version: number; readonly made: Made } | undefined;

  /** `runs`: of jobs that somebody declared. */
  constructor(world: World, fleet: SimFleet, runs: readonly JobRun[]) {
    this.#world = world;
    this.#fleet = fleet;
    this.#errors = new ErrorPaths(world, fleet.load);
    this.#areas = new AreasAhead(world, fleet, runs);
  }

  /** Worked out when it is asked for. */
  at(minute: number): Prediction {
    const bin = Math.floor(minute / binMinutes);
    const aheadSec = this.#world.aheadBins.map((ahead) => ((bin + ahead) * binMinutes - minute) * 60);
    const made = once(() => this.#madeAt(bin));
    // Asked for in each tick, and the same whatever moves.
    const whole = once(() => this.#wholeFleet(bin));
    return {
      name: String(bin),
      aheadSec,
      get partitions() {
        return made().partitions;
      },
      get areas() {
        return made().areas;
      },
      get fleet() {
        return whole();
      },
      get declared() {
        return made().declared;
      },
    };
  }

  #madeAt(bin: number): Made {
    const known = this.#made;
    if (known?.bin === bin && known.version === this.#fleet.version && !this.#areas.isCrowded) return known.made;
    const made = this.#predict(bin);
    this.#made = { bin, version: this.#fleet.version, made };
    return made;
  }

  /** With bin − 1 the newest that is known. */
  #predict(bin: number): Made {
    const { partitions, readShare } = this.#fleet;
    this.#areas.say(bin);
    const rows = new Map<string, Rows>();
    partitions.forEach(({ id }, place) => {
      const reads = { name: `${id} reads`, version: this.#fleet.readsVersion(place) };
      const writes = { name: `${id} writes`, version: this.#fleet.writesVersion(place) };
      rows.set(id, {
        readOps: this.#rowsOf(reads, () => readersAt(this.#fleet, place, readShare), bin, true),
        writeOps: this.#rowsOf(writes, () => writersAt(this.#fleet, place, 1 - readShare), bin, false),
      });
    });
    return {
      partitions: rows,
      areas: { get: (id) => this.#areas.at(this.#fleet.areaAt(id)) },
      declared: this.#areas.declared(),
    };
  }

  #wholeFleet(bin: number): Prediction['fleet'] {
    const { readShare, load } = this.#fleet;
    this.#areas.say(bin);
    const all = (share: number) => () => load.areas.map((_, area) => ({ area, share }));
    return {
      readOps: this.#rowsOf({ name: '* reads', version: 0 }, all(readShare), bin, true),
      writeOps: this.#rowsOf({ name: '* writes', version: 0 }, all(1 - readShare), bin, false),
    };
  }

  #rowsOf(made: Source, sharesOf: () => readonly Share[], bin: number, isReads: boolean): readonly QuantileRow[] {
    const known = this.#rows.get(made.name);
    if (known !== undefined && known.version === made.version && known.bin === bin && !this.#areas.isCrowded)
      return known.rows;
    const shares = sharesOf();
    const spread = this.#spreadOf(made, shares, bin);
    const rows = spread.map((offs, step): QuantileRow => {
      const { sum, declared } = this.#areas.sumOf(shares, step, isReads);
      const row: number[] = [];
      for (let level = 0; level < offs.length; level++) row.push(Math.max(0, sum + offs[level]!) + declared);
      return row;
    });
    this.#rows.set(made.name, { version: made.version, bin, rows });
    return rows;
  }

  #spreadOf({ name, version }: Source, shares: readonly Share[], bin: number): readonly (readonly number[])[] {
    const measuredBin = bin - (bin % spreadEveryBins);
    const known = this.#spreads.get(name);
    if (known !== undefined && known.bin === measuredBin && known.version === version) return known.rows;
    const rows = this.#errors.spreadOf(shares, measuredBin - 1);
    this.#spreads.set(name, { version, bin: measuredBin, rows });
    return rows;
  }
}

interface Rows {
  readonly readOps: readonly QuantileRow[];
  readonly writeOps: readonly QuantileRow[];
}
