// The simulated fleet as planners see any fleet.
import { noFlows } from '../../model/load.ts';
import type { Echoed, SeenPartition, UnderWay, View } from '../../placement/placement.ts';
import type { EchoSums } from './echo-sums.ts';
import type { SimFleet } from './sim-fleet.ts';
import type { SimPool } from './sim-pool.ts';

type SeenEchoes = Pick<EchoSums, 'has' | 'linksOf' | 'size'>;

export function seeFleet(
  fleet: SimFleet,
  pool: SimPool,
  echoes: SeenEchoes | undefined,
  moves: readonly UnderWay[],
): View {
  return {
    nowSec: fleet.minute * 60,
    partitions: seePartitions(fleet),
    areas: fleet.areas,
    // Most ticks do not ask.
    get holdings() {
      return fleet.holdings;
    },
    pools: pool.seen(),
    hasEchoes: echoes !== undefined,
    echoed: echoes === undefined ? new Map() : seeEchoes(fleet, echoes),
    underWay: [...moves, ...pool.underWay()],
  };
}

/** Worked out of whom somebody asks: most are calm. */
function seeEchoes(fleet: SimFleet, echoes: SeenEchoes): View['echoed'] {
  const { partitions } = fleet;
  const known = new Map<string, Echoed | undefined>();
  const see = (id: string): Echoed | undefined => {
    const links = echoes.linksOf(fleet.place(id));
    if (links === undefined) return undefined;
    const holders = new Map<string, number>();
    for (const { to, share } of links.holders) holders.set(partitions[to]!.id, share);
    return { reads: links.reads, holders };
  };
  return {
    get(id) {
      if (!known.has(id)) known.set(id, see(id));
      return known.get(id);
    },
    has: (id) => echoes.has(fleet.place(id)),
    get size() {
      return echoes.size;
    },
  };
}

function seePartitions(fleet: SimFleet): SeenPartition[] {
  return fleet.partitions.map((each, place) => ({
    id: each.id,
    capacityDomain: each.capacityDomain,
    failureDomain: each.failureDomain,
    duty: each.duty,
    by: 'plan',
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
