// What to move off a partition: of each area that it holds the hottest blocks, as many as it takes, best load relieved per byte first.
import type { AreaId } from '../model/ids.ts';
import type { Flow } from '../model/load.ts';
import { homeShare } from './home-share.ts';
import type { Loads } from './loads.ts';
import type { HeatGroup, Holding, View } from './view.ts';

export interface Batch {
  readonly area: AreaId;
  readonly bytes: number;
  /** Part of the area's reads and writes that goes with them. */
  readonly readShare: number;
  readonly writeShare: number;
  /** All that the partition holds of the area. */
  readonly isWhole: boolean;
  /** Load relieved at the worst moment, and by each byte. */
  readonly relief: number;
  readonly density: number;
}

export interface Need {
  readonly flow: Flow;
  readonly step: number;
  /** Load to be relieved, per second. */
  readonly load: number;
}

/** The best first. `isResting`: areas that are left alone. */
export function identifyBlocksToMove(
  loads: Loads,
  view: View,
  holdings: readonly Holding[],
  need: Need,
  isResting: (area: AreaId) => boolean,
): Batch[] {
  const batches: Batch[] = [];
  for (const holding of holdings) {
    if (isResting(holding.area)) continue;
    const batch = need.flow.startsWith('read')
      ? readBatch(loads, holding, writeShareOf(view, holding), need)
      : wholeBatch(loads, holding, writeShareOf(view, holding), need);
    if (batch !== undefined) batches.push(batch);
  }
  return batches.sort((a, b) => b.density - a.density || (a.area < b.area ? -1 : 1));
}

/** From here on the next group has to be worth it. */
const enough = 0.5;
/** As hot as the groups before it by so much less is cold. */
const coldPart = 0.25;

const isPoor = (group: HeatGroup, before: HeatGroup): boolean =>
  group.reads * before.bytes < coldPart * before.reads * group.bytes;

/** As many groups, the hottest first, as cover what is needed; the cold rest of an area is left where others have hot ones. */
function readBatch(loads: Loads, holding: Holding, writeShare: number, need: Need): Batch | undefined {
  const unit = loads.loadOf(holding.area, holding.readShare, need.flow, need.step);
  if (!(unit > 0)) return undefined;
  let reads = 0;
  let bytes = 0;
  let groups = 0;
  for (const group of holding.heat) {
    if (reads * unit >= need.load || (reads * unit >= enough * need.load && isPoor(group, { reads, bytes }))) break;
    reads += group.reads;
    bytes += group.bytes;
    groups++;
  }
  const isWhole = groups === holding.heat.length;
  const moved = Math.max(1, Math.round(bytes * holding.bytes));
  return {
    area: holding.area,
    bytes: moved,
    readShare: reads * holding.readShare,
    writeShare: isWhole ? writeShare : 0,
    isWhole,
    relief: Math.min(need.load, reads * unit),
    density: Math.min(need.load, reads * unit) / moved,
  };
}

/** Writes go only with the whole. */
function wholeBatch(loads: Loads, holding: Holding, writeShare: number, need: Need): Batch | undefined {
  const relief = loads.loadOf(holding.area, writeShare, need.flow, need.step);
  if (!(relief > 0)) return undefined;
  const bytes = Math.max(1, Math.round(holding.bytes));
  const counted = Math.min(need.load, relief);
  return {
    area: holding.area,
    bytes,
    readShare: holding.readShare,
    writeShare,
    isWhole: true,
    relief: counted,
    density: counted / bytes,
  };
}

/** Of the area's writes what comes to where the holding lies. */
const writeShareOf = ({ areas }: View, { area, partition }: Holding): number =>
  homeShare(areas.get(area)?.homes ?? [], partition);
