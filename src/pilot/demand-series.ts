// The rings as series: what each area was asked per second, bin by bin, with the past that it inherited.
import type { AreaPast, FleetBin } from '../forecast/forecast.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import { eachFlow, type Flows, flows, noFlows } from '../model/load.ts';
import type { BinCounts } from '../telemetry/telemetry.ts';
import type { Lineage } from './lineage.ts';

/** Less of a bin than this was watched: it says nothing. */
const watchedMin = 0.5;

/** Rates out of sums: a bin that was watched for a part only is scaled to the whole. */
export function demandOf(bin: BinCounts, stepSec: number): FleetBin {
  const watchedSec = Math.min(stepSec, bin.seconds);
  if (watchedSec < watchedMin * stepSec) return { startSec: bin.startSec, areas: undefined };
  const areas = new Map<AreaId, Flows>();
  for (const count of bin.demand) {
    const before = areas.get(count.area) ?? noFlows;
    areas.set(
      count.area,
      eachFlow((flow) => before[flow] + count[flow] / watchedSec),
    );
  }
  return { startSec: bin.startSec, areas };
}

/**
 * What an area of today was asked in each of the bins from `startSec` on, its ancestors' part included; NaN where nobody watched.
 * `bins`: in order of time; those that are missing were outages.
 */
export function pastOf(
  area: AreaId,
  bins: readonly FleetBin[],
  lineage: Lineage,
  span: { readonly startSec: number; readonly untilSec: number; readonly stepSec: number },
): AreaPast {
  const { startSec, untilSec, stepSec } = span;
  const length = Math.max(0, Math.round((untilSec - startSec) / stepSec));
  const empty = (): Float64Array => new Float64Array(length).fill(Number.NaN);
  const values = { readOps: empty(), writeOps: empty(), readBytes: empty(), writeBytes: empty() };
  for (const bin of bins) {
    const at = Math.round((bin.startSec - startSec) / stepSec);
    if (at < 0 || at >= length || bin.areas === undefined) continue;
    // A bin in which keys changed hands stands as it was counted: so the sum is right.
    const ancestry = [...lineage.ancestry(area, bin.startSec + stepSec - 1)];
    for (const flow of flows) {
      values[flow][at] = ancestry.reduce((sum, [each, share]) => sum + share * (bin.areas!.get(each)?.[flow] ?? 0), 0);
    }
  }
  return { area, startSec, values };
}

/** Which part of each area's demand falls on which partition. An area that was asked nothing of a kind lies where it is asked anything. */
export function sharesOf(bins: readonly BinCounts[]): Map<AreaId, Map<PartitionId, Flows>> {
  const sums = new Map<AreaId, Map<PartitionId, Flows>>();
  for (const { demand } of bins) {
    for (const count of demand) {
      const of = sums.get(count.area) ?? new Map<PartitionId, Flows>();
      const before = of.get(count.partition) ?? noFlows;
      of.set(
        count.partition,
        eachFlow((flow) => before[flow] + count[flow]),
      );
      sums.set(count.area, of);
    }
  }
  for (const of of sums.values()) toShares(of);
  return sums;
}

function toShares(of: Map<PartitionId, Flows>): void {
  const total = eachFlow((flow) => [...of.values()].reduce((sum, each) => sum + each[flow], 0));
  const all = total.readOps + total.writeOps;
  for (const [partition, sum] of of) {
    of.set(
      partition,
      eachFlow((flow) =>
        total[flow] > 0 ? sum[flow] / total[flow] : all > 0 ? (sum.readOps + sum.writeOps) / all : 0,
      ),
    );
  }
}
