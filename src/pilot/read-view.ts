// What planners see, out of what the pilot has: partitions and their demand, areas and homes, which part of an area lies where, what is hot, what
// echoes could answer. One reading is one moment; what is not known is left out or refused, and never guessed as calm.
import type { Catalog } from '../catalog/catalog.ts';
import { idOf, keys, prefixEnd, tag, textOf } from '../catalog/keys.ts';
import { decodeArea } from '../catalog/records/area.ts';
import { decodeUsage } from '../catalog/records/delta.ts';
import type { FleetForecast } from '../forecast/forecast.ts';
import { type Capacity, unknownCapacity } from '../model/capacity.ts';
import type { Echo } from '../model/echo.ts';
import type { AreaId, BlockId, BucketId, PartitionId } from '../model/ids.ts';
import type { Holding, SeenArea, SeenPartition, View } from '../placement/placement.ts';
import type { HeatedBlock } from '../telemetry/telemetry.ts';
import { walkKind } from '../upkeep/upkeep.ts';
import type { Acts } from './acts.ts';
import type { HoldingCounter } from './count-holdings.ts';
import { bySite, echoedShares, findHotBlocks, type HotBlock, heatGroups, siteOf } from './hot-blocks.ts';
import { KnownKeys } from './known-keys.ts';
import { type AreaShares, presentShares } from './present-shares.ts';
import { type Recent, RecentDemand, rateOf } from './recent-demand.ts';

/** A partition as whoever put the fleet together knows it. */
export interface PartitionPlace
  extends Pick<SeenPartition, 'id' | 'capacityDomain' | 'failureDomain' | 'duty' | 'pool' | 'by'> {
  readonly isUp: boolean;
  /** Infinity: it does not say. */
  readonly freeBytes: number;
  /** What p99 should be at most; undefined: the operator does not say. */
  readonly latencyTargetMs?: number | undefined;
}

export interface ViewDeps {
  /** Blocks that are read much get echoes. */
  readonly hasEchoes: boolean;
  readonly catalog: Catalog;
  readonly places: () => Promise<readonly PartitionPlace[]>;
  readonly capacities: () => ReadonlyMap<PartitionId, Capacity>;
  readonly holdings: Pick<HoldingCounter, 'counted' | 'seen'>;
  readonly hottest: (nowSec: number) => Promise<readonly HeatedBlock[]>;
  /** Of each of these blocks; empty where nobody can be asked. */
  readonly echoesOf: (blocks: readonly BlockId[]) => Promise<ReadonlyMap<BlockId, readonly Echo[]>>;
  readonly acts: Pick<Acts, 'underWay' | 'pools'>;
}

export interface Sight {
  readonly view: View;
  /** Where each area's demand falls now. */
  readonly shares: ReadonlyMap<AreaId, AreaShares>;
}

interface KnownArea extends Pick<SeenArea, 'homes'> {
  readonly id: AreaId;
  readonly bucket: BucketId;
  readonly from: string;
}

/** Since when an area has its homes, as far as this process has seen. */
interface HomesSeen {
  readonly name: string;
  readonly sinceSec: number;
}

/** One block with more of an area's reads than this: dividing its keys would not divide them. */
const oneBlockPart = 0.5;

export class ViewReader {
  readonly #deps: ViewDeps;
  readonly #recent: RecentDemand;
  readonly #keys: KnownKeys;
  #homes = new Map<AreaId, HomesSeen>();

  constructor(deps: ViewDeps) {
    this.#deps = deps;
    this.#recent = new RecentDemand(deps.catalog);
    this.#keys = new KnownKeys(deps.catalog);
  }

  /** Or why there is none. */
  async read(nowSec: number, forecast: FleetForecast | undefined): Promise<Sight | string> {
    const { catalog, holdings, hottest, echoesOf, acts } = this.#deps;
    const recent = await this.#recent.read(nowSec);
    if (recent === undefined) return 'nothing was measured in the last minutes';
    const { counted } = holdings;
    if (counted === undefined) return `where areas lie is still being counted (${holdings.seen} blocks so far)`;
    const places = await this.#deps.places();
    const known = await this.#areas();
    const hot = await findHotBlocks(catalog, await hottest(nowSec));
    const shares = this.#shares(known, recent, forecast, nowSec);
    const ids = new Set(places.map(({ id }) => id));
    const echoes = await echoesOf(hot.map(({ block }) => block));
    const view: View = {
      nowSec,
      partitions: await this.#partitions(places, recent),
      areas: await this.#seenAreas(known, recent, hot),
      holdings: [...this.#holdings(shares, recent, hot)].filter(({ partition }) => ids.has(partition)),
      pools: acts.pools(),
      hasEchoes: this.#deps.hasEchoes,
      echoed: echoedShares(hot, echoes, (id) => rateOf(recent.partitions, id).readOps),
      underWay: acts.underWay(),
    };
    return { view, shares };
  }

  async #partitions(places: readonly PartitionPlace[], recent: Recent): Promise<SeenPartition[]> {
    const stored = await this.#stored();
    const capacities = this.#deps.capacities();
    return places.map(
      ({ latencyTargetMs, ...place }): SeenPartition => ({
        ...place,
        latencyPressure: pressureOf(recent.p99Ms.get(place.id), latencyTargetMs),
        capacity: capacities.get(place.id) ?? unknownCapacity,
        demand: rateOf(recent.partitions, place.id),
        ownWork: rateOf(recent.ownWork, place.id),
        storedBytes: stored.get(place.id) ?? 0,
      }),
    );
  }

  async #stored(): Promise<Map<PartitionId, number>> {
    const from = keys.usage('partition', '');
    const rows = await this.#deps.catalog.range(from, prefixEnd(from), { limit: partitionsMax });
    return new Map(
      rows.map(({ key, value }) => [key.toString('utf8', from.length), Math.max(0, decodeUsage(value).bytes)]),
    );
  }

  async #areas(): Promise<KnownArea[]> {
    const found: KnownArea[] = [];
    for await (const { key, value } of walkKind(this.#deps.catalog, tag.area)) {
      const { id, homes } = decodeArea(value);
      found.push({ id, homes, bucket: idOf(key), from: textOf(key, 1) });
    }
    return found;
  }

  #shares(
    known: readonly KnownArea[],
    recent: Recent,
    forecast: FleetForecast | undefined,
    nowSec: number,
  ): Map<AreaId, AreaShares> {
    const held = this.#deps.holdings.counted!.of;
    const seen = new Map<AreaId, HomesSeen>();
    const shares = new Map<AreaId, AreaShares>();
    for (const { id, homes } of known) {
      const name = homes.length === 1 ? homes[0]!.partition : JSON.stringify(homes);
      const before = this.#homes.get(id);
      const sinceSec =
        before === undefined ? Number.NEGATIVE_INFINITY : before.name === name ? before.sinceSec : nowSec;
      seen.set(id, { name, sinceSec });
      const share = presentShares({
        recent: recent.places.get(id),
        usual: forecast?.expected.shares.get(id),
        held: held.get(id),
        homes,
        isSettled: sinceSec < nowSec - recent.windowSec,
      });
      shares.set(id, share);
    }
    this.#homes = seen;
    return shares;
  }

  async #seenAreas(
    known: readonly KnownArea[],
    recent: Recent,
    hot: readonly HotBlock[],
  ): Promise<Map<AreaId, SeenArea>> {
    const hottest = new Map<AreaId, number>();
    for (const each of hot) hottest.set(each.area, Math.max(hottest.get(each.area) ?? 0, each.readsPerSec));
    const single = await this.#keys.singles(known, (id) => {
      const { readOps, writeOps } = rateOf(recent.areas, id);
      return readOps + writeOps;
    });
    const seen = new Map<AreaId, SeenArea>();
    for (const { id, homes } of known) {
      const demand = rateOf(recent.areas, id);
      const isOneBlock = (hottest.get(id) ?? 0) > oneBlockPart * demand.readOps;
      seen.set(id, { homes, demand, isDivisible: !isOneBlock && !single.has(id) });
    }
    return seen;
  }

  *#holdings(
    shares: ReadonlyMap<AreaId, AreaShares>,
    recent: Recent,
    hot: readonly HotBlock[],
  ): Generator<Holding, void> {
    const held = this.#deps.holdings.counted!.of;
    const sites = bySite(hot);
    for (const [area, { reads }] of shares) {
      const { readOps } = rateOf(recent.areas, area);
      const of = held.get(area);
      for (const partition of new Set([...reads.keys(), ...(of?.keys() ?? [])])) {
        const readShare = reads.get(partition) ?? 0;
        const bytes = of?.get(partition)?.bytes ?? 0;
        const heat = heatGroups(sites.get(siteOf(area, partition)) ?? [], readShare * readOps, bytes);
        yield { area, partition, readShare, bytes, heat };
      }
    }
  }
}

const partitionsMax = 10_000;

const pressureOf = (p99Ms: number | undefined, targetMs: number | undefined): number | undefined =>
  p99Ms === undefined || targetMs === undefined ? undefined : p99Ms / targetMs;
