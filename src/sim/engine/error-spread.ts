// How far sums over areas were off, at the same moments of the last days: the spread around what is foreseen of a partition. One area's errors and
// another's of the same moment stay together, so a common shock is in it.
import { quantileLevels } from '../../placement/placement.ts';
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

/** Of sums of errors that were made at `newest` and before: how far each quantile lies from what was said. */
export function errorSpread(
  world: World,
  load: FleetLoad,
  shares: readonly Share[],
  step: number,
  newest: number,
): Float64Array {
  const sums = new Float64Array(pathsMax);
  for (const { area, share } of shares) {
    const { source } = load.areas[area]!;
    if (source === undefined) continue;
    const { scale, peakMax } = source;
    const { minutes, points } = world.series[source.series]!;
    const said = points[step]!;
    const ahead = world.aheadBins[step]!;
    let at = wrapped(source.phaseBins + newest, said.length);
    for (let path = 0; path < pathsMax; path++) {
      // Single minutes, the same for all areas: they are wilder than the means that were forecast.
      const value = minutes[((at + ahead) * 5 + (path % 5)) % minutes.length]!;
      sums[path] = sums[path]! + share * (Math.min(peakMax, scale * value) - Math.min(peakMax, scale * said[at]!));
      at -= pathStride;
      if (at < 0) at = wrapped(at, said.length);
    }
  }
  sums.sort();
  return Float64Array.from(quantileLevels, (level) => {
    const place = level * (pathsMax + 1) - 1;
    const low = Math.min(pathsMax - 1, Math.max(0, Math.floor(place)));
    const high = Math.min(pathsMax - 1, low + 1);
    const part = Math.min(1, Math.max(0, place - low));
    return sums[low]! + part * (sums[high]! - sums[low]!);
  });
}

export const wrapped = (at: number, length: number): number => ((at % length) + length) % length;
