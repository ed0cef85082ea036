// A view in few long rows of numbers, as it is written down and read back: tens of thousands of areas one by one take longer than deciding by them.
import { flows } from '../model/load.ts';
import type { HeatGroup, Holding, Home, SeenArea, View } from '../placement/placement.ts';

export interface FlatView extends Omit<View, 'areas' | 'holdings'> {
  /** Partitions and areas that the rows name by their places here; the areas of the view first, in its order. */
  readonly partitionIds: readonly string[];
  readonly areaIds: readonly string[];
  /** Of each area its flows, whether it is divisible (1), and its only home, of weight 1; -1: its homes stand in `homes`, by its place. */
  readonly areas: Float64Array;
  readonly homes: ReadonlyMap<string, readonly Home[]>;
  /** Of each holding area, partition, part of reads, bytes; and groups of blocks, by its place, where they are not all alike. */
  readonly holdings: Float64Array;
  readonly heat: ReadonlyMap<string, readonly HeatGroup[]>;
}

const perArea = flows.length + 2;
const perHolding = 4;
const alike: readonly HeatGroup[] = [{ reads: 1, bytes: 1 }];

export function flatten({ areas, holdings, ...rest }: View): FlatView {
  const partitions = new Places();
  const ids = new Places();
  const homes = new Map<string, readonly Home[]>();
  const heat = new Map<string, readonly HeatGroup[]>();
  const areaRows = new Float64Array(areas.size * perArea);
  for (const [id, area] of areas) {
    const place = ids.of(id);
    const at = place * perArea;
    for (let flow = 0; flow < flows.length; flow++) areaRows[at + flow] = area.demand[flows[flow]!];
    areaRows[at + flows.length] = Number(area.isDivisible);
    const home = area.homes[0];
    const isOnly = area.homes.length === 1 && home!.weight === 1;
    areaRows[at + flows.length + 1] = isOnly ? partitions.of(home!.partition) : -1;
    if (!isOnly) homes.set(String(place), area.homes);
  }
  const holdingRows = new Float64Array(holdings.length * perHolding);
  holdings.forEach((each, place) => {
    const row = [ids.of(each.area), partitions.of(each.partition), each.readShare, each.bytes];
    holdingRows.set(row, place * perHolding);
    if (!isAlike(each.heat)) heat.set(String(place), each.heat);
  });
  const named = { partitionIds: partitions.ids, areaIds: ids.ids };
  return { ...rest, ...named, areas: areaRows, homes, holdings: holdingRows, heat };
}

export function unflattenView({ partitionIds, areaIds, areas, homes, holdings, heat, ...rest }: FlatView): View {
  const seen = new Map<string, SeenArea>();
  for (let place = 0; place * perArea < areas.length; place++) {
    const row = areas.subarray(place * perArea, (place + 1) * perArea);
    const [readOps, writeOps, readBytes, writeBytes, isDivisible, home] = row as unknown as [
      ...[number, number, number, number],
      ...[number, number],
    ];
    const only: Home[] = home < 0 ? [] : [{ partition: partitionIds[home]!, weight: 1 }];
    seen.set(areaIds[place]!, {
      homes: homes.get(String(place)) ?? only,
      demand: { readOps, writeOps, readBytes, writeBytes },
      isDivisible: isDivisible === 1,
    });
  }
  const held: Holding[] = [];
  for (let place = 0; place * perHolding < holdings.length; place++) {
    const [area, partition, readShare, bytes] = holdings.subarray(
      place * perHolding,
      (place + 1) * perHolding,
    ) as unknown as [...[number, number, number, number]];
    held.push({
      ...{ area: areaIds[area]!, partition: partitionIds[partition]!, readShare, bytes },
      heat: heat.get(String(place)) ?? alike,
    });
  }
  return { ...rest, areas: seen, holdings: held };
}

const isAlike = ([first, ...others]: readonly HeatGroup[]): boolean =>
  first !== undefined && others.length === 0 && first.reads === 1 && first.bytes === 1;

/** Names in the order in which they came. */
class Places {
  readonly ids: string[] = [];
  readonly #of = new Map<string, number>();

  of(id: string): number {
    let place = this.#of.get(id);
    if (place === undefined) {
      place = this.ids.length;
      this.ids.push(id);
      this.#of.set(id, place);
    }
    return place;
  }
}
