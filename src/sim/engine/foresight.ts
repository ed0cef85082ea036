// What is foreseen of the fleet, put together as the forecaster does it (control.md §2): what was said of each area, under the present shares, and
// around it how sums over the same areas erred at the same moments of the last days. What was said comes from the cache: it depends on demand
// alone. Declared jobs come on top.

import { filled } from '../../base/filled.ts';
import { once } from '../../base/once.ts';
import type { AreaAhead, Prediction, QuantileRow } from '../../placement/placement.ts';
import type { World } from '../world.ts';
import { ErrorPaths, type Share, wrapped } from './error-spread.ts';
import type { JobRun } from './fleet-load.ts';
import type { SimFleet } from './sim-fleet.ts';

/** Errors change slowly: their spread is measured anew so often. */
const spreadEveryBins = 12;
const binMinutes = 5;

type Made = Pick<Prediction, 'partitions' | 'areas' | 'fleet' | 'declared'>;

/** What a load is of, and whether it is of the same as before. */
interface Source {
  readonly name: string;
  readonly version: number;
}

/** How far quantiles lie from the sum of what was said, by step. */
interface Spread {
  readonly version: number;
  readonly bin: number;
  readonly rows: readonly Float64Array[];
}

export class Foresight {
  readonly #world: World;
  readonly #fleet: SimFleet;
  readonly #runs: readonly JobRun[];
  readonly #errors: ErrorPaths;
  readonly #spreads = new Map<string, Spread>();
  readonly #rows = new Map<
    string,
    { readonly version: number; readonly bin: number; readonly rows: readonly QuantileRow[] }
  >();
  /** At area × steps + step. */
  readonly #said: Float64Array;
  /** Of areas that were asked about in this bin. */
  readonly #ahead = new Map<number, AreaAhead>();
  readonly #addedReads = new Map<number, number>();
  readonly #addedWrites = new Map<number, number>();
  #saidBin = -1;
  #made: { readonly bin: number; readonly version: number; readonly made: Made } | undefined;

  /** `runs`: of jobs that somebody declared. */
  constructor(world: World, fleet: SimFleet, runs: readonly JobRun[]) {
    this.#world = world;
    this.#fleet = fleet;
    this.#runs = runs;
    this.#errors = new ErrorPaths(world, fleet.load);
    this.#said = new Float64Array(fleet.load.areas.length * world.aheadBins.length);
  }

  /** Worked out when it is asked for. */
  at(minute: number): Prediction {
    const bin = Math.floor(minute / binMinutes);
    const aheadSec = this.#world.aheadBins.map((ahead) => ((bin + ahead) * binMinutes - minute) * 60);
    const made = once(() => this.#madeAt(bin));
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
        return made().fleet;
      },
      get declared() {
        return made().declared;
      },
    };
  }

  #madeAt(bin: number): Made {
    const known = this.#made;
    if (known?.bin === bin && known.version === this.#fleet.version && !this.#isFlash) return known.made;
    const made = this.#predict(bin);
    this.#made = { bin, version: this.#fleet.version, made };
    return made;
  }

  /** With bin − 1 the newest that is known. */
  #predict(bin: number): Made {
    const { partitions, readShare, load } = this.#fleet;
    if (bin !== this.#saidBin) this.#say(bin);
    const rows = new Map<string, Rows>();
    partitions.forEach(({ id }, place) => {
      const reads = { name: `${id} reads`, version: this.#fleet.readsVersion(place) };
      const writes = { name: `${id} writes`, version: this.#fleet.writesVersion(place) };
      rows.set(id, {
        readOps: this.#rowsOf(reads, () => this.#readers(place), bin, true),
        writeOps: this.#rowsOf(writes, () => this.#writers(place), bin, false),
      });
    });
    const all = (share: number) => () => load.areas.map((_, area) => ({ area, share }));
    return {
      partitions: rows,
      areas: { get: (id) => this.#areaAt(this.#fleet.areaAt(id)) },
      fleet: {
        readOps: this.#rowsOf({ name: '* reads', version: 0 }, all(readShare), bin, true),
        writeOps: this.#rowsOf({ name: '* writes', version: 0 }, all(1 - readShare), bin, false),
      },
      declared: this.#declaredAreas(bin),
    };
  }

  #readers(place: number): Share[] {
    const { parts, readShare } = this.#fleet;
    const shares: Share[] = [];
    for (const part of parts)
      if (part.place === place) shares.push({ area: part.area, share: part.readShare * readShare });
    return shares;
  }

  #writers(place: number): Share[] {
    const { writers, readShare } = this.#fleet;
    const shares: Share[] = [];
    for (const each of writers)
      if (each.place === place) shares.push({ area: each.area, share: each.share * (1 - readShare) });
    return shares;
  }

  /** What was said of every area, and what is declared on top, when `bin` − 1 was the newest: reads and writes together, and apart. */
  #say(bin: number): void {
    this.#saidBin = bin;
    this.#ahead.clear();
    const { areas } = this.#fleet.load;
    const { aheadBins, series } = this.#world;
    const steps = aheadBins.length;
    this.#addedReads.clear();
    this.#addedWrites.clear();
    for (let area = 0; area < areas.length; area++) {
      const { source } = areas[area]!;
      if (source === undefined) continue;
      const { points } = series[source.series]!;
      const at = wrapped(source.phaseBins + bin - 1, points[0]!.length);
      for (let step = 0; step < steps; step++)
        this.#said[area * steps + step] = Math.min(source.peakMax, source.scale * points[step]![at]!);
    }
    for (const run of this.#coming(bin)) {
      aheadBins.forEach((ahead, step) => {
        const from = (bin + (aheadBins[step - 1] ?? 0)) * binMinutes;
        if (run.fromMinute >= (bin + ahead) * binMinutes || run.toMinute <= from) return;
        for (const area of run.areas) {
          add(this.#addedReads, area * steps + step, run.factor * run.reads);
          add(this.#addedWrites, area * steps + step, run.factor * run.writes);
        }
      });
    }
  }

  #coming(bin: number): readonly JobRun[] {
    const from = bin * binMinutes;
    const to = (bin + this.#world.aheadBins.at(-1)!) * binMinutes;
    return this.#runs.filter(({ fromMinute, toMinute }) => fromMinute < to && toMinute > from);
  }

  #declaredAreas(bin: number): ReadonlySet<string> {
    const runs = this.#runs.length === 0 ? [] : this.#coming(bin);
    return new Set(runs.flatMap(({ areas }) => areas.map((area) => this.#fleet.load.areas[area]!.id)));
  }

  #rowsOf(made: Source, sharesOf: () => readonly Share[], bin: number, isReads: boolean): readonly QuantileRow[] {
    const known = this.#rows.get(made.name);
    if (known !== undefined && known.version === made.version && known.bin === bin && !this.#isFlash) return known.rows;
    const shares = sharesOf();
    const spread = this.#spreadOf(made, shares, bin);
    const steps = this.#world.aheadBins.length;
    const added = isReads ? this.#addedReads : this.#addedWrites;
    const part = isReads ? this.#fleet.readShare : 1 - this.#fleet.readShare;
    const flash = isReads ? this.#flashes(shares) : 0;
    const rows = this.#world.aheadBins.map((_, step) => {
      let sum = flash;
      let more = 0;
      for (const { area, share } of shares) {
        sum += share * this.#said[area * steps + step]!;
        if (added.size > 0) more += (share / part) * (added.get(area * steps + step) ?? 0);
      }
      const offs = spread[step]!;
      return filled(offs.length, (level) => Math.max(0, sum + offs[level]!) + more);
    });
    this.#rows.set(made.name, { version: made.version, bin, rows });
    return rows;
  }

  /** A crowd of which nothing is known goes on as it is. */
  #flashes(shares: readonly Share[]): number {
    const { load, readShare } = this.#fleet;
    let sum = 0;
    for (const { area, share } of shares)
      if (load.areas[area]!.source === undefined) sum += (share / readShare) * this.#fleet.readsOf(area);
    return sum;
  }

  /** While there is one, it is looked at each minute. */
  get #isFlash(): boolean {
    const { load } = this.#fleet;
    for (let area = load.areas.length - 1; area >= 0 && load.areas[area]!.source === undefined; area--)
      if (this.#fleet.readsOf(area) > 0) return true;
    return false;
  }

  #areaAt(area: number): AreaAhead | undefined {
    if (area < 0) return undefined;
    if (this.#fleet.load.areas[area]!.source === undefined) return this.#area(area);
    const known = this.#ahead.get(area) ?? this.#area(area);
    this.#ahead.set(area, known);
    return known;
  }

  #area(area: number): AreaAhead {
    const steps = this.#world.aheadBins.length;
    const { readShare, load } = this.#fleet;
    const flash = load.areas[area]!.source === undefined ? this.#fleet.readsOf(area) : 0;
    const ahead = (part: number, added: ReadonlyMap<number, number>, more: number): Float64Array =>
      filled(steps, (step) => part * this.#said[area * steps + step]! + (added.get(area * steps + step) ?? 0) + more);
    return { readOps: ahead(readShare, this.#addedReads, flash), writeOps: ahead(1 - readShare, this.#addedWrites, 0) };
  }

  #spreadOf({ name, version }: Source, shares: readonly Share[], bin: number): readonly Float64Array[] {
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

const add = (to: Map<number, number>, key: number, value: number): void => void to.set(key, (to.get(key) ?? 0) + value);
