// The oracle's prediction: what will be asked, as every quantile. The greatest minute of a step, so that nothing is missed.
import { filled } from '../../base/filled.ts';
import { type AreaAhead, type Prediction, quantileLevels } from '../../placement/placement.ts';
import { binMinutes } from '../base-series.ts';
import type { World } from '../world.ts';
import type { SimFleet } from './sim-fleet.ts';

export class Hindsight {
  readonly #world: World;
  readonly #fleet: SimFleet;
  readonly #ahead = new Map<number, { readonly bin: number; readonly ahead: AreaAhead }>();
  #bin = -1;
  #version = -1;
  #made: Omit<Prediction, 'aheadSec'> | undefined;

  constructor(world: World, fleet: SimFleet) {
    this.#world = world;
    this.#fleet = fleet;
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
    const { partitions, parts, writers, load } = this.#fleet;
    const count = load.areas.length;
    const { aheadBins } = this.#world;
    const places = partitions.length;
    const reads = aheadBins.map(() => new Float64Array(places + 1));
    const writes = aheadBins.map(() => new Float64Array(places + 1));
    const now = new Float64Array(places + 1);
    aheadBins.forEach((ahead, step) => {
      const from = (bin + (aheadBins[step - 1] ?? 0)) * binMinutes;
      const to = Math.min(load.minutes, (bin + ahead) * binMinutes);
      for (let minute = from; minute < to; minute++) {
        now.fill(0);
        for (const { area, place, readShare } of parts) {
          const load = readShare * this.#fleet.load.reads[minute * count + area]!;
          now[place] = now[place]! + load;
          now[places] = now[places]! + load;
        }
        keepGreater(reads[step]!, now);
        now.fill(0);
        for (const { area, place, share } of writers) {
          const load = share * this.#fleet.load.writes[minute * count + area]!;
          now[place] = now[place]! + load;
          now[places] = now[places]! + load;
        }
        keepGreater(writes[step]!, now);
      }
    });
    const rowOf = (value: number): Float64Array => new Float64Array(quantileLevels.length).fill(value);
    const rowsAt = (place: number) => ({
      readOps: reads.map((each) => rowOf(each[place]!)),
      writeOps: writes.map((each) => rowOf(each[place]!)),
    });
    return {
      partitions: new Map(partitions.map(({ id }, place) => [id, rowsAt(place)])),
      areas: { get: (id) => this.#areaAt(this.#fleet.areaAt(id), bin) },
      fleet: rowsAt(places),
      declared: new Set(load.areas.map(({ id }) => id)),
    };
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
    const greatest = (loads: Float32Array): Float64Array =>
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

function keepGreater(most: Float64Array, now: Float64Array): void {
  for (let at = 0; at < most.length; at++) if (now[at]! > most[at]!) most[at] = now[at]!;
}
