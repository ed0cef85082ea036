// The simulated fleet as planners see any fleet.
import { once } from '../../base/once.ts';
import { noFlows } from '../../model/load.ts';
import type { Echoed, EchoLinks, SeenPartition, UnderWay, View } from '../../placement/placement.ts';
import type { SimFleet } from './sim-fleet.ts';
import type { SimPool } from './sim-pool.ts';

export function seeFleet(
  fleet: SimFleet,
  pool: SimPool,
  links: () => readonly (EchoLinks | undefined)[],
  moves: readonly UnderWay[],
): View {
  const echoed = once(() => seeEchoes(fleet, links()));
  return {
    nowSec: fleet.minute * 60,
    partitions: seePartitions(fleet),
    areas: fleet.areas,
    holdings: fleet.holdings,
    pools: pool.seen(),
    // Most ticks do not ask.
    get echoed() {
      return echoed();
    },
    underWay: [...moves, ...pool.underWay()],
  };
}

function seeEchoes({ partitions }: SimFleet, links: readonly (EchoLinks | undefined)[]): View['echoed'] {
  const echoed = new Map<string, Echoed>();
  links.forEach((each, place) => {
    if (each === undefined) return;
    const holders = new Map<string, number>();
    for (const { to, share } of each.holders) holders.set(partitions[to]!.id, share);
    echoed.set(partitions[place]!.id, { reads: each.reads, holders });
  });
  return echoed;
}

function seePartitions(fleet: SimFleet): SeenPartition[] {
  return fleet.partitions.map((each, place) => ({
    id: each.id,
    capacityDomain: each.capacityDomain,
    failureDomain: each.failureDomain,
    duty: each.duty,
    isUp: true,
    capacity: {
      load: { readOps: fleet.readBound(place), writeOps: fleet.writeBound(place) },
      confidence: 1,
      source: 'quota',
    },
    demand: { readOps: fleet.reads[place]!, writeOps: fleet.writes[place]!, readBytes: 0, writeBytes: 0 },
    ownWork: noFlows,
    storedBytes: fleet.storedBytes[place]!,
    freeBytes: Number.POSITIVE_INFINITY,
    pool: each.pool,
  }));
}
