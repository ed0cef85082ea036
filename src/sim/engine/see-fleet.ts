// The simulated fleet as planners see any fleet.
import { once } from '../../base/once.ts';
import { noFlows } from '../../model/load.ts';
import type { EchoLinks, SeenPartition, UnderWay, View } from '../../placement/placement.ts';
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
  const idAt = (place: number): string => partitions[place]!.id;
  return new Map(
    links.flatMap((each, place) => {
      if (each === undefined) return [];
      const holders = new Map(each.holders.map(({ to, share }) => [idAt(to), share]));
      return [[idAt(place), { reads: each.reads, holders }] as const];
    }),
  );
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
    demand: { ...noFlows, readOps: fleet.reads[place]!, writeOps: fleet.writes[place]! },
    ownWork: noFlows,
    storedBytes: fleet.storedBytes[place]!,
    freeBytes: Number.POSITIVE_INFINITY,
    pool: each.pool,
  }));
}
