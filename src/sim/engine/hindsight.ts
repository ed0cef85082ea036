// The oracle's prediction: what will be asked, as every quantile. The greatest minute of a step, so that nothing is missed.
import { filled } from '../../base/filled.ts';
import { type AreaAhead, type Prediction, type QuantileRow, quantileLevels } from '../../placement/placement.ts';
import { binMinutes } from '../base-series.ts';
import type { World } from '../world.ts';
import type { Share } from './error-spread.ts';
import { MinutesAhead } from './minutes-ahead.ts';
import { readersAt, writersAt } from './shares-at.ts';
import type { SimFleet } from './sim-fleet.ts';

const wholeFleet = -1;

export class Hindsight {
  readonly #world: World;
  readonly #fleet: SimFleet;
  readonly #ahead = new Map<number, { readonly bin: number; readonly ahead: AreaAhead }>();
  #bin = -1;
  #version = -1;
  #made: Omit<Prediction, 'aheadSec'> | undefined;
  readonly #reads: MinutesAhead;
  readonly #writes: MinutesAhead;
  readonly #declared: ReadonlyMap<string, readonly number[]>;

  constructor(world: World, fleet: SimFleet) {
    this.#world = world;
    this.#fleet = fleet;
    const { load } = fleet;
    const span = world.aheadBins.at(-1)! * binMinutes;
    this.#reads = new MinutesAhead(load.reads, load.areas.length, span);
    this.#writes = new MinutesAhead(load.writes, load.areas.length, span);
    this.#declared = new Map(load.areas.map(({ id }) => [id, []]));
  }

  at(minute: number): Prediction {
    const bin = Math.floor(minute / binMinutes);
    if (bin !== this.#bin || this.#version !== this.#fleet.version) {
      this.#bin = bin;
      this.#version = this.#fleet.version;
      this.#made = this.#look(bin);
    }
    return {
      ...this.#made!,
      name: String(bin),
      aheadSec: this.#world.aheadBins.map((ahead) => ((bin + ahead) * binMinutes - minute) * 60),
    };
  }

  #look(bin: number): Omit<Prediction, 'aheadSec'> {
    const fleet = this.#fleet;
    const { partitions, load } = fleet;
    const all = (): Share[] => load.areas.map((_, area) => ({ area, share: 1 }));
    const rowsAt = (place: number) => ({
      readOps: this.#rows(this.#reads, place, fleet.readsVersion(place), () => readersAt(fleet, place), bin),
      writeOps: this.#rows(this.#writes, place, fleet.writesVersion(place), () => writersAt(fleet, place), bin),
    });
    return {
      partitions: new Map(partitions.map(({ id }, place) => [id, rowsAt(place)])),
      areas: { get: (id) => this.#areaAt(fleet.areaAt(id), bin) },
      fleet: {
        readOps: this.#rows(this.#reads, wholeFleet, 0, all, bin),
        writeOps: this.#rows(this.#writes, wholeFleet, 0, all, bin),
      },
      declared: this.#declared,
    };
  }

  /** A row per step: the greatest of its minutes. */
  #rows(minutes: MinutesAhead, place: number, version: number, sharesOf: () => Share[], bin: number): QuantileRow[] {
    const { aheadBins } = this.#world;
    const until = Math.min(this.#fleet.load.minutes, (bin + aheadBins.at(-1)!) * binMinutes);
    const sums = minutes.of(place, version, sharesOf, bin * binMinutes, until);
    return aheadBins.map((ahead, step) => {
      let most = 0;
      const to = Math.min(until, (bin + ahead) * binMinutes);
      for (let minute = (bin + (aheadBins[step - 1] ?? 0)) * binMinutes; minute < to; minute++)
        most = Math.max(most, sums[minute % sums.length]!);
      return filled(quantileLevels.length, () => most);
    });
  }

  #areaAt(area: number, bin: number): AreaAhead | undefined {
    if (area < 0) return undefined;
    const known = this.#ahead.get(area);
    if (known?.bin === bin) return known.ahead;
    const ahead = this.#area(area, bin);
    this.#ahead.set(area, { bin, ahead });
    return ahead;
  }

  #area(area: number, bin: number): AreaAhead {
    const { load } = this.#fleet;
    const { aheadBins } = this.#world;
    const greatest = (loads: Float32Array): number[] =>
      filled(aheadBins.length, (step) => {
        let most = 0;
        const to = Math.min(load.minutes, (bin + aheadBins[step]!) * binMinutes);
        for (let minute = (bin + (aheadBins[step - 1] ?? 0)) * binMinutes; minute < to; minute++)
          most = Math.max(most, loads[minute * load.areas.length + area]!);
        return most;
      });
    return { readOps: greatest(load.reads), writeOps: greatest(load.writes) };
  }
}
