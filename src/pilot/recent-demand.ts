// What was asked and done of late, out of the ring of minutes. Rows that are over are read once: with tens of thousands of areas each costs a
// tenth of a second.
import type { Catalog } from '../catalog/catalog.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import { eachFlow, type Flows, flows, noFlows } from '../model/load.ts';
import { type BinCounts, type ServedCount, sumLatencies, sureP99Ms } from '../telemetry/telemetry.ts';
import { readRing } from './read-rings.ts';

const stepSec = 60;
/** What counts as now: so long was watched, in so many bins. */
const nowSecMin = 60;
const nowBinsMax = 3;
/** By so much is told where an area's demand falls. */
const windowSec = 300;
/** Nobody watched for longer: nothing is known of now. */
const silentSecMax = 180;
/** A bin grows until so long after its end. */
const settledSec = 30;

export interface Recent {
  /** Per second, of the last minute that was watched or a little more. */
  readonly areas: ReadonlyMap<AreaId, Flows>;
  readonly partitions: ReadonlyMap<PartitionId, Flows>;
  /** What partitions did besides what clients wanted. */
  readonly ownWork: ReadonlyMap<PartitionId, Flows>;
  /** p99 of what clients asked partitions for, in ms; of those that did enough to tell. */
  readonly p99Ms: ReadonlyMap<PartitionId, number>;
  /** Sums over the last minutes: where each area's demand fell. */
  readonly places: ReadonlyMap<AreaId, ReadonlyMap<PartitionId, Flows>>;
  readonly windowSec: number;
}

export class RecentDemand {
  readonly #catalog: Catalog;
  #kept = new Map<number, BinCounts>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** Undefined: nobody watched. An outage is not a calm. */
  async read(nowSec: number): Promise<Recent | undefined> {
    const bins = await this.#bins(nowSec);
    const now: BinCounts[] = [];
    let watchedSec = 0;
    for (const bin of bins.toReversed()) {
      if (now.length === nowBinsMax || watchedSec >= nowSecMin) break;
      if (bin.startSec + stepSec < nowSec - silentSecMax) break;
      now.push(bin);
      watchedSec += Math.min(stepSec, bin.seconds);
    }
    if (watchedSec < nowSecMin / 2) return undefined;
    const demand = now.flatMap((bin) => bin.demand);
    const served = now.flatMap((bin) => bin.served);
    const own = served.filter(({ cause }) => cause !== 'client');
    return {
      areas: ratesBy(demand, ({ area }) => area, watchedSec),
      partitions: ratesBy(demand, ({ partition }) => partition, watchedSec),
      ownWork: ratesBy(own, ({ partition }) => partition, watchedSec),
      p99Ms: p99Of(served.filter(({ cause }) => cause === 'client')),
      places: placesOf(bins),
      windowSec,
    };
  }

  async #bins(nowSec: number): Promise<readonly BinCounts[]> {
    const firstSec = Math.floor((nowSec - windowSec) / stepSec) * stepSec;
    const bins: BinCounts[] = [];
    const kept = new Map<number, BinCounts>();
    for (let startSec = firstSec; startSec <= nowSec; startSec += stepSec) {
      const known = this.#kept.get(startSec);
      const bin = known ?? (await readRing(this.#catalog, stepSec, startSec, startSec + 1))[0];
      if (bin === undefined) continue;
      bins.push(bin);
      if (startSec + stepSec + settledSec < nowSec) kept.set(startSec, bin);
    }
    this.#kept = kept;
    return bins;
  }
}

function ratesBy<T extends Flows>(counts: readonly T[], nameOf: (count: T) => string, sec: number): Map<string, Flows> {
  const sums = new Map<string, Record<keyof Flows, number>>();
  for (const count of counts) addTo(sums, nameOf(count), count);
  for (const sum of sums.values()) for (const flow of flows) sum[flow] /= sec;
  return sums;
}

function p99Of(served: readonly ServedCount[]): Map<PartitionId, number> {
  const latencies = new Map<PartitionId, ServedCount[]>();
  for (const count of served) latencies.set(count.partition, [...(latencies.get(count.partition) ?? []), count]);
  const p99s = new Map<PartitionId, number>();
  for (const [partition, counts] of latencies) {
    const p99Ms = sureP99Ms(sumLatencies(counts));
    if (p99Ms !== undefined) p99s.set(partition, p99Ms);
  }
  return p99s;
}

function placesOf(bins: readonly BinCounts[]): Map<AreaId, Map<PartitionId, Flows>> {
  const places = new Map<AreaId, Map<PartitionId, Record<keyof Flows, number>>>();
  for (const { demand } of bins) {
    for (const count of demand) {
      let of = places.get(count.area);
      if (of === undefined) {
        of = new Map();
        places.set(count.area, of);
      }
      addTo(of, count.partition, count);
    }
  }
  return places;
}

function addTo(sums: Map<string, Record<keyof Flows, number>>, name: string, count: Flows): void {
  const sum = sums.get(name);
  if (sum === undefined)
    sums.set(
      name,
      eachFlow((flow) => count[flow]),
    );
  else for (const flow of flows) sum[flow] += count[flow];
}

/** Of what was not asked anything. */
export const rateOf = (rates: ReadonlyMap<string, Flows>, name: string): Flows => rates.get(name) ?? noFlows;
