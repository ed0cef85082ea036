// Where the echoes of a group of blocks go: by the gateway's own rule, asked for a few blocks that stand for all of them.
import { type Neighbour, placeEchoes } from '../../echo/echo.ts';
import type { Holders } from './echo-sums.ts';
import { groupsMax, type SimFleet } from './sim-fleet.ts';

const sampledMax = 4;
const blockBytes = 8 * 1024 * 1024;

/** All partitions as they are in this minute. */
export const neighboursOf = (fleet: SimFleet): Neighbour[] =>
  fleet.partitions.map(
    (each, place): Neighbour => ({
      partition: each.id,
      failureDomain: each.failureDomain,
      capacityDomain: each.capacityDomain,
      isWilling: each.duty === 'online',
      headroom: Math.max(0, 1 - fleet.reads[place]! / fleet.readBound(place)),
      latencyMs: Number.NaN,
    }),
  );

export function placeGroup(fleet: SimFleet, neighbours: readonly Neighbour[], at: number, count: number): Holders {
  const [area, group] = [Math.floor(at / groupsMax), at % groupsMax];
  const { id, heat, bytes } = fleet.load.areas[area]!;
  const home = fleet.partitions[fleet.placeOf[at]!]!.id;
  const holders = new Map<number, number>();
  const blocks = Math.max(1, Math.min(sampledMax, Math.round((heat.groups[group]!.bytes * bytes) / blockBytes)));
  for (let block = 0; block < blocks; block++) {
    for (const holder of placeEchoes(`${id} ${group} ${block}`, home, neighbours, [], count)) {
      const place = fleet.place(holder);
      holders.set(place, (holders.get(place) ?? 0) + 1 / blocks);
    }
  }
  return holders;
}
