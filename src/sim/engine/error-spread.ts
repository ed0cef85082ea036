// How far sums over areas were off, at the same moments of the last days: the spread around what is foreseen of a partition. One area's errors and
// another's of the same moment stay together, so a common shock is in it.
import { filled } from '../../base/filled.ts';
import { quantileLevels } from '../../placement/placement.ts';
import { binMinutes } from '../base-series.ts';
import type { World } from '../world.ts';
import type { FleetLoad } from './fleet-load.ts';

/** A part of an area in a load. */
export interface Share {
  readonly area: number;
  readonly share: number;
}

const pathsMax = 32;
/** No whole part of a day: moments of all hours are among them. */
const pathStride = 43;

/** Errors of areas, each worked out once for all sums that it is in. */
export class ErrorPaths {
  readonly #world: World;
  readonly #load: FleetLoad;
  /** By area: at step × pathsMax + path. */
  readonly #paths = new Map<number, { readonly newest: number; readonly errors: Float64Array }>();
  /** At step × pathsMax + path. */
  readonly #sums: Float64Array;

  constructor(world: World, load: FleetLoad) {
    this.#world = world;
    this.#load = load;
    this.#sums = new Float64Array(world.aheadBins.length * pathsMax);
  }

  /** Of a sum over areas, by step: how far each quantile lies from what was said. `newest`: the newest bin that is known. */
  spreadOf(shares: readonly Share[], newest: number): readonly (readonly number[])[] {
    const sums = this.#sums.fill(0);
    for (const { area, share } of shares) {
      const errors = this.#errorsOf(area, newest);
      if (errors === undefined) continue;
      for (let at = 0; at < sums.length; at++) sums[at] = sums[at]! + share * errors[at]!;
    }
    return this.#world.aheadBins.map((_, step) => quantilesOf(sums.subarray(step * pathsMax, (step + 1) * pathsMax)));
  }

  /** Made at `newest` and before; undefined: it has no past. */
  #errorsOf(area: number, newest: number): Float64Array | undefined {
    const known = this.#paths.get(area);
    if (known?.newest === newest) return known.errors;
    const { source } = this.#load.areas[area]!;
    if (source === undefined) return undefined;
    const errors = known?.errors ?? new Float64Array(this.#world.aheadBins.length * pathsMax);
    const { scale, peakMax } = source;
    const { minutes, points } = this.#world.series[source.series]!;
    this.#world.aheadBins.forEach((ahead, step) => {
      const said = points[step]!;
      let at = wrapped(source.phaseBins + newest - ahead, said.length);
      for (let path = 0; path < pathsMax; path++) {
        const came = at + ahead < said.length ? at + ahead : wrapped(at + ahead, said.length);
        // Single minutes, the same for all areas: they are wilder than the means that were forecast.
        const value = scale * minutes[came * binMinutes + (path % binMinutes)]!;
        const foreseen = scale * said[at]!;
        errors[step * pathsMax + path] = Math.min(peakMax, value) - Math.min(peakMax, foreseen);
        at -= pathStride;
        if (at < 0) at = wrapped(at, said.length);
      }
    });
    this.#paths.set(area, { newest, errors });
    return errors;
  }
}

function quantilesOf(sums: Float64Array): number[] {
  sums.sort();
  return filled(quantileLevels.length, (at) => {
    const place = quantileLevels[at]! * (pathsMax + 1) - 1;
    const low = Math.min(pathsMax - 1, Math.max(0, Math.floor(place)));
    const high = Math.min(pathsMax - 1, low + 1);
    const part = Math.min(1, Math.max(0, place - low));
    return sums[low]! + part * (sums[high]! - sums[low]!);
  });
}

export const wrapped = (at: number, length: number): number => ((at % length) + length) % length;
