// The series of all partitions, each put together from the areas that lie on it now, and of the whole fleet, by which it is judged how well
// its load could be spread.
import type { PartitionId } from '../model/ids.ts';
import { type Flow, flows } from './fleet.ts';
import type { FleetAreas } from './fleet-areas.ts';
import type { KnownShares } from './known-shares.ts';
import { PartitionSeries } from './partition-series.ts';
import type { Part } from './sum-areas.ts';

const pastSec = 35 * 86_400;

export class FleetPartitions {
  readonly #stepSec: number;
  readonly #horizons: readonly number[];
  readonly #series = new Map<string, PartitionSeries>();

  constructor(stepSec: number, horizons: readonly number[]) {
    this.#stepSec = stepSec;
    this.#horizons = horizons;
  }

  all(): PartitionSeries[] {
    return [...this.#series.values()];
  }

  /** What lies on several partitions together, under a name of its own; undefined: nothing was ever asked of it. */
  of(name: string, flow: Flow): PartitionSeries | undefined {
    return this.#series.get(keyOf(name, flow));
  }

  /** The areas have taken a bin: so do those of `partitions`. */
  push(areas: FleetAreas, shares: KnownShares, partitions: Iterable<PartitionId>, newestBin: number): void {
    for (const partition of partitions) {
      for (const flow of flows)
        this.#push(partition, flow, partsOf(areas, shares, [partition], flow), areas, newestBin);
    }
  }

  /** Several partitions as if they were one: per flow those of `members`. */
  pushSum(
    name: string,
    areas: FleetAreas,
    shares: KnownShares,
    members: ReadonlyMap<Flow, readonly PartitionId[]>,
    newestBin: number,
  ): void {
    for (const flow of flows)
      this.#push(name, flow, partsOf(areas, shares, members.get(flow) ?? [], flow), areas, newestBin);
  }

  keepOnly(names: ReadonlySet<string>): void {
    for (const key of this.#series.keys()) if (!names.has(key.slice(key.indexOf(' ') + 1))) this.#series.delete(key);
  }

  #push(name: string, flow: Flow, parts: readonly Part[], areas: FleetAreas, newestBin: number): void {
    const key = keyOf(name, flow);
    const series = this.#series.get(key);
    if (series !== undefined && series.newestBin === newestBin - 1) series.push(parts);
    else if (parts.length > 0) {
      const oldest = newestBin - Math.round(pastSec / this.#stepSec) + 1;
      // Any area may move here one day, with all of its past.
      const firstBin = Math.max(oldest, areas.firstBin(flow));
      const options = { firstBin, stepSec: this.#stepSec, horizons: this.#horizons, withAreas: true };
      this.#series.set(key, new PartitionSeries(options, parts, newestBin));
    }
  }
}

const keyOf = (name: string, flow: Flow): string => `${flow} ${name}`;

function partsOf(areas: FleetAreas, shares: KnownShares, partitions: readonly PartitionId[], flow: Flow): Part[] {
  const parts: Part[] = [];
  for (const area of areas.ids) {
    const series = areas.of(area, flow);
    if (series === undefined) continue;
    const share = partitions.reduce((sum, partition) => sum + shares.of(area, partition, flow), 0);
    if (share > 0) parts.push({ series, share });
  }
  return parts;
}
