// Groups of blocks by reads per byte: what an access counter finds hottest.
import { groupsMax, type SimFleet } from './sim-fleet.ts';

export interface RankedGroup {
  /** Area × groupsMax + group. */
  readonly at: number;
  readonly reads: number;
  readonly bytes: number;
  /** Reads per byte. */
  readonly heat: number;
}

/** The hottest first; `readsOf`: of an area. `place`: only what lies there; `isOut`: groups that do not count. */
export function rankGroups(
  fleet: SimFleet,
  readsOf: (area: number) => number,
  { place, isOut }: { place?: number; isOut?: (at: number) => boolean } = {},
): RankedGroup[] {
  const found: RankedGroup[] = [];
  for (const part of place === undefined ? fleet.parts : fleet.partsAt(place)) {
    const asked = readsOf(part.area);
    if (!(asked > 0)) continue;
    const { heat, bytes } = fleet.load.areas[part.area]!;
    for (const group of part.groups) {
      if (isOut?.(part.area * groupsMax + group) === true) continue;
      const [reads, size] = [heat.groups[group]!.reads * asked, heat.groups[group]!.bytes * bytes];
      found.push({ at: part.area * groupsMax + group, reads, bytes: size, heat: reads / size });
    }
  }
  return found.sort((a, b) => b.heat - a.heat || a.at - b.at);
}
