// Groups of blocks by reads per byte: what an access counter finds hottest.
import type { KeyHeap } from './key-heap.ts';
import { groupsMax, type SimFleet } from './sim-fleet.ts';

export interface RankedGroup {
  /** Area × groupsMax + group. */
  readonly at: number;
  readonly reads: number;
  readonly bytes: number;
  /** Reads per byte. */
  readonly heat: number;
}

/**
 * The hottest first, worked out as far as they are taken; `readsOf`: of an area, the same until then. `place`: only what lies there; `isOut`: groups
 * that do not count. `ranked`: nobody else's until the last is taken.
 */
export function* rankGroups(
  fleet: SimFleet,
  readsOf: (area: number) => number,
  ranked: KeyHeap,
  { place, isOut }: { place?: number; isOut?: (at: number) => boolean } = {},
): Generator<RankedGroup, void> {
  ranked.clear();
  const read = (at: number): RankedGroup => {
    const area = Math.floor(at / groupsMax);
    const { heat, bytes } = fleet.load.areas[area]!;
    const { reads: part, bytes: share } = heat.groups[at % groupsMax]!;
    const [reads, size] = [part * readsOf(area), share * bytes];
    return { at, reads, bytes: size, heat: reads / size };
  };
  for (const part of place === undefined ? fleet.parts : fleet.partsAt(place)) {
    if (!(readsOf(part.area) > 0)) continue;
    for (const group of part.groups) {
      const at = part.area * groupsMax + group;
      if (isOut?.(at) !== true) ranked.add(at, -read(at).heat);
    }
  }
  for (ranked.order(); ranked.size > 0; ranked.take()) yield read(ranked.key);
}
