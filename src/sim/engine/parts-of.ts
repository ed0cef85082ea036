// Which partitions hold an area, and what of it, hottest groups first.
import type { Holding } from '../../placement/placement.ts';
import { groupsMax, type SimFleet } from './sim-fleet.ts';

/** What one partition holds of one area. */
export interface Part {
  readonly area: number;
  readonly place: number;
  readonly readShare: number;
  readonly groups: readonly number[];
  readonly holding: Holding;
}

export function partsOf(
  { load, placeOf, partitions }: Pick<SimFleet, 'load' | 'placeOf' | 'partitions'>,
  area: number,
): Part[] {
  const { id, heat, bytes } = load.areas[area]!;
  const groupsAt = new Map<number, number[]>();
  heat.groups.forEach((_, group) => {
    const place = placeOf[area * groupsMax + group]!;
    groupsAt.set(place, [...(groupsAt.get(place) ?? []), group]);
  });
  return [...groupsAt].map(([place, groups]) => {
    const reads = groups.reduce((sum, group) => sum + heat.groups[group]!.reads, 0);
    const share = groups.reduce((sum, group) => sum + heat.groups[group]!.bytes, 0);
    const part = (whole: number, of: number): number => (whole > 0 ? of / whole : 0);
    const holding: Holding = {
      area: id,
      partition: partitions[place]!.id,
      readShare: reads,
      bytes: share * bytes,
      heat: groups.map((group) => ({
        reads: part(reads, heat.groups[group]!.reads),
        bytes: part(share, heat.groups[group]!.bytes),
      })),
    };
    return { area, place, readShare: reads, groups, holding };
  });
}
