// What is foreseen of each area: what its series' forecast said, scaled and shifted as the area is, and the jobs that are declared on top.
import { filled } from '../../base/filled.ts';
import type { AreaAhead } from '../../placement/placement.ts';
import { binMinutes } from '../base-series.ts';
import type { World } from '../world.ts';
import { type Share, wrapped } from './error-spread.ts';
import type { JobRun } from './fleet-load.ts';
import type { SimFleet } from './sim-fleet.ts';

export class AreasAhead {
  readonly #world: World;
  readonly #fleet: SimFleet;
  readonly #runs: readonly JobRun[];
  /** At area × steps + step. */
  readonly #said: Float64Array;
  /** From this one on they have no past. */
  readonly #crowdsFrom: number;
  /** Of areas that were asked about in this bin. */
  readonly #ahead = new Map<number, AreaAhead>();
  readonly #addedReads = new Map<number, number>();
  readonly #addedWrites = new Map<number, number>();
  #bin = -1;

  /** `runs`: of jobs that somebody declared. */
  constructor(world: World, fleet: SimFleet, runs: readonly JobRun[]) {
    this.#world = world;
    this.#fleet = fleet;
    this.#runs = runs;
    this.#said = new Float64Array(fleet.load.areas.length * world.aheadBins.length);
    this.#crowdsFrom = fleet.load.areas.findLastIndex(({ source }) => source !== undefined) + 1;
  }

  /** What was said when `bin` − 1 was the newest: reads and writes together; and what is declared of each. */
  say(bin: number): void {
    if (bin === this.#bin) return;
    this.#bin = bin;
    this.#ahead.clear();
    this.#addedReads.clear();
    this.#addedWrites.clear();
    const { areas } = this.#fleet.load;
    const { aheadBins, series } = this.#world;
    const steps = aheadBins.length;
    for (let area = 0; area < areas.length; area++) {
      const { source } = areas[area]!;
      if (source === undefined) continue;
      const { points } = series[source.series]!;
      const at = wrapped(source.phaseBins + bin - 1, points[0]!.length);
      for (let step = 0; step < steps; step++)
        this.#said[area * steps + step] = Math.min(source.peakMax, source.scale * points[step]![at]!);
    }
    for (const run of this.#coming()) {
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

  /** Areas with a declared job in what is foreseen, and the seconds at which it begins. */
  declared(): ReadonlyMap<string, readonly number[]> {
    const runs = this.#runs.length === 0 ? [] : this.#coming();
    const begins = new Map<string, number[]>();
    for (const { areas, fromMinute } of runs) {
      for (const area of areas) {
        const { id } = this.#fleet.load.areas[area]!;
        begins.set(id, [...(begins.get(id) ?? []), fromMinute * 60]);
      }
    }
    return begins;
  }

  at(area: number): AreaAhead | undefined {
    if (area < 0) return undefined;
    if (this.#fleet.load.areas[area]!.source === undefined) return this.#area(area);
    const known = this.#ahead.get(area) ?? this.#area(area);
    this.#ahead.set(area, known);
    return known;
  }

  /** Of parts of areas in a step: what is expected, and what is declared on top of it. */
  sumOf(shares: readonly Share[], step: number, isReads: boolean): { sum: number; declared: number } {
    const { readShare } = this.#fleet;
    const steps = this.#world.aheadBins.length;
    const added = isReads ? this.#addedReads : this.#addedWrites;
    const part = isReads ? readShare : 1 - readShare;
    let sum = 0;
    let declared = 0;
    for (const { area, share } of shares) {
      sum += share * this.#said[area * steps + step]!;
      if (added.size > 0) declared += (share / part) * (added.get(area * steps + step) ?? 0);
      // A crowd of which nothing is known goes on as it is.
      if (isReads && area >= this.#crowdsFrom) sum += (share / part) * this.#fleet.readsOf(area);
    }
    return { sum, declared };
  }

  /** There is a crowd of which nothing is known: it is looked at each minute. */
  get isCrowded(): boolean {
    for (let area = this.#crowdsFrom; area < this.#fleet.load.areas.length; area++)
      if (this.#fleet.readsOf(area) > 0) return true;
    return false;
  }

  #coming(): readonly JobRun[] {
    const from = this.#bin * binMinutes;
    const to = (this.#bin + this.#world.aheadBins.at(-1)!) * binMinutes;
    return this.#runs.filter(({ fromMinute, toMinute }) => fromMinute < to && toMinute > from);
  }

  #area(area: number): AreaAhead {
    const steps = this.#world.aheadBins.length;
    const { readShare, load } = this.#fleet;
    const crowd = load.areas[area]!.source === undefined ? this.#fleet.readsOf(area) : 0;
    const ahead = (part: number, added: ReadonlyMap<number, number>, more: number): number[] =>
      filled(steps, (step) => part * this.#said[area * steps + step]! + (added.get(area * steps + step) ?? 0) + more);
    return { readOps: ahead(readShare, this.#addedReads, crowd), writeOps: ahead(1 - readShare, this.#addedWrites, 0) };
  }
}

const add = (to: Map<number, number>, key: number, value: number): void => void to.set(key, (to.get(key) ?? 0) + value);
