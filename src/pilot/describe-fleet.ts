// What the admin API, the command line and the metrics tell of the fleet: capacity, load and areas of each partition, and its forecast.
import type { Catalog } from '../catalog/catalog.ts';
import { keys, prefixEnd, tag, textOf } from '../catalog/keys.ts';
import { decodeArea } from '../catalog/records/area.ts';
import { decodeBucket } from '../catalog/records/bucket.ts';
import { type FleetForecast, levels, type PartitionScore, type Quantiles } from '../forecast/forecast.ts';
import type { Capacity } from '../model/capacity.ts';
import type { AreaId, BucketId, PartitionId } from '../model/ids.ts';
import { eachFlow, type Flow } from '../model/load.ts';
import { latencyQuantile, sumLatencies } from '../telemetry/telemetry.ts';
import { demandOf } from './demand-series.ts';
import type { Forecasting } from './forecast-keeper.ts';
import { readRing } from './read-rings.ts';

export interface FleetFacts {
  readonly catalog: Catalog;
  readonly partitions: readonly PartitionFact[];
  readonly nowSec: number;
}

export interface PartitionFact {
  readonly id: PartitionId;
  readonly capacityDomain: string;
  readonly failureDomain: string;
  readonly duty: string;
  readonly capacity: Capacity;
}

export interface AreaShown {
  readonly area: AreaId;
  readonly bucket: string;
  /** First key; '' is the start of the bucket. */
  readonly from: string;
  /** Where its new blocks go. */
  readonly home: PartitionId | undefined;
  /** Of the partition's present demand, per second. */
  readonly demand: Readonly<Record<Flow, number>>;
}

export interface PartitionShown extends PartitionFact {
  /** What clients ask of it and what it does, per second, over the last minutes that were watched. */
  readonly demand: Readonly<Record<Flow, number>>;
  readonly served: Readonly<Record<Flow, number>>;
  readonly errorsPerSec: number;
  readonly p99Ms: number | undefined;
  readonly areas: readonly AreaShown[];
}

const minuteSec = 60;
const lookedBackSec = 5 * 60;

export async function describeMap({ catalog, partitions, nowSec }: FleetFacts): Promise<PartitionShown[]> {
  const bins = await readRing(catalog, minuteSec, nowSec - lookedBackSec - minuteSec, nowSec);
  const watchedSec = bins.reduce((sum, bin) => sum + Math.min(minuteSec, bin.seconds), 0);
  const perSec = (sum: number): number => (watchedSec > 0 ? sum / watchedSec : 0);
  const places = await areaPlaces(catalog);
  return partitions.map((fact) => {
    const demand = bins.flatMap((bin) => bin.demand).filter(({ partition }) => partition === fact.id);
    const served = bins.flatMap((bin) => bin.served).filter(({ partition }) => partition === fact.id);
    const latency = sumLatencies(served);
    const ids = new Set([
      ...demand.map(({ area }) => area),
      ...[...places].flatMap(([id, { home }]) => (home === fact.id ? [id] : [])),
    ]);
    const areas = [...ids].map((area): AreaShown => {
      const own = demand.filter((count) => count.area === area);
      const place = places.get(area) ?? { bucket: '(removed)', from: '', home: undefined };
      return { area, ...place, demand: eachFlow((flow) => perSec(sumOf(own, flow))) };
    });
    return {
      ...fact,
      demand: eachFlow((flow) => perSec(sumOf(demand, flow))),
      served: eachFlow((flow) => perSec(sumOf(served, flow))),
      errorsPerSec: perSec(served.reduce((sum, { errors }) => sum + errors, 0)),
      p99Ms: latencyQuantile(latency, 0.99),
      areas: areas.sort((a, b) => opsOf(b) - opsOf(a)),
    };
  });
}

const opsOf = ({ demand }: AreaShown): number => demand.readOps + demand.writeOps;
const sumOf = (counts: readonly Readonly<Record<Flow, number>>[], flow: Flow): number =>
  counts.reduce((sum, count) => sum + count[flow], 0);

async function areaPlaces(catalog: Catalog): Promise<Map<AreaId, Pick<AreaShown, 'bucket' | 'from' | 'home'>>> {
  const names = new Map<BucketId, string>();
  for (const { key, value } of await rowsOf(catalog, tag.bucket)) names.set(decodeBucket(value).id, textOf(key, 0));
  const places = new Map<AreaId, Pick<AreaShown, 'bucket' | 'from' | 'home'>>();
  for (const { key, value } of await rowsOf(catalog, tag.area)) {
    const { id, homes } = decodeArea(value);
    const bucket = key.subarray(1, 17).toString('hex');
    places.set(id, { bucket: names.get(bucket) ?? '(removed)', from: textOf(key, 1), home: homes[0]?.partition });
  }
  return places;
}

const rowsMax = 100_000;
const rowsOf = (catalog: Catalog, kind: typeof tag.bucket | typeof tag.area) => {
  const from = keys.first(kind);
  return catalog.range(from, prefixEnd(from), { limit: rowsMax });
};

export interface ForecastShown {
  readonly partition: PartitionId;
  readonly score: PartitionScore | undefined;
  readonly crossings: FleetForecast['crossings'];
  readonly flows: FleetForecast['partitions'] extends ReadonlyMap<PartitionId, infer F> ? F : never;
  /** What was measured of late, oldest first: a value per bin of five minutes, null where nobody watched. */
  readonly measured: Readonly<Record<Flow, readonly (number | null)[]>>;
}

export interface ForecastsShown {
  readonly levels: readonly number[];
  readonly originSec: number | undefined;
  readonly stepSec: number | undefined;
  readonly because: string;
  readonly partitions: readonly ForecastShown[];
}

const measuredBins = 24;

export async function describeForecast(
  { catalog, partitions }: FleetFacts,
  { forecast, because }: Forecasting,
): Promise<ForecastsShown> {
  const shown = { levels, because, originSec: forecast?.originSec, stepSec: forecast?.stepSec };
  if (forecast === undefined) return { ...shown, partitions: [] };
  const { originSec, stepSec } = forecast;
  const fromSec = originSec - (measuredBins - 1) * stepSec;
  const bins = new Map((await readRing(catalog, stepSec, fromSec, originSec + 1)).map((bin) => [bin.startSec, bin]));
  const measuredOf = (partition: PartitionId, flow: Flow): (number | null)[] =>
    Array.from({ length: measuredBins }, (_, at) => {
      const bin = bins.get(fromSec + at * stepSec);
      if (bin === undefined || demandOf(bin, stepSec).areas === undefined) return null;
      const sum = bin.demand
        .filter((count) => count.partition === partition)
        .reduce((all, count) => all + count[flow], 0);
      return sum / Math.min(stepSec, bin.seconds);
    });
  return {
    ...shown,
    partitions: partitions.map(({ id }) => ({
      partition: id,
      score: forecast.scores.find((score) => score.partition === id),
      crossings: forecast.crossings.filter((crossing) => crossing.partition === id),
      flows: forecast.partitions.get(id) ?? [],
      measured: eachFlow((flow) => measuredOf(id, flow)),
    })),
  };
}

/** One level's value of a row of quantiles. */
export const quantileOf = (row: Quantiles, level: number): number =>
  row[levels.indexOf(level as (typeof levels)[number])]!;
