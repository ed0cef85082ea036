// Sums of sums: bins of several processes into one, and fine bins into the coarser ones that are kept longer.
import type { BinCounts, ServedCount } from './counter-store.ts';
import type { DemandCount } from './demand-counter.ts';

/** The rings of history: seconds per bin, and how long such bins are kept. */
export const rings = [
  { stepSec: 10, keptSec: 15 * 60 },
  { stepSec: 60, keptSec: 3 * 3600 },
  { stepSec: 300, keptSec: 35 * 86_400 },
  { stepSec: 3600, keptSec: 400 * 86_400 },
] as const;

/** Bins of different times, or parts of one, as one bin that starts at `startSec`. */
export function foldBins(startSec: number, bins: readonly BinCounts[]): BinCounts {
  return {
    startSec,
    seconds: bins.reduce((sum, { seconds }) => sum + seconds, 0),
    demand: foldDemand(bins.flatMap(({ demand }) => demand)),
    served: foldServed(bins.flatMap(({ served }) => served)),
  };
}

export const sumDemand = (a: DemandCount, b: DemandCount): DemandCount => ({
  area: a.area,
  partition: a.partition,
  readOps: a.readOps + b.readOps,
  writeOps: a.writeOps + b.writeOps,
  readBytes: a.readBytes + b.readBytes,
  writeBytes: a.writeBytes + b.writeBytes,
});

export function sumServed(a: ServedCount, b: ServedCount): ServedCount {
  return {
    partition: a.partition,
    cause: a.cause,
    readOps: a.readOps + b.readOps,
    writeOps: a.writeOps + b.writeOps,
    readBytes: a.readBytes + b.readBytes,
    writeBytes: a.writeBytes + b.writeBytes,
    errors: a.errors + b.errors,
    throttled: a.throttled + b.throttled,
    latency: a.latency.map((each, step) => each + (b.latency[step] ?? 0)),
  };
}

function foldDemand(counts: readonly DemandCount[]): DemandCount[] {
  const sums = new Map<string, DemandCount>();
  for (const count of counts) {
    const id = idOf(count.area, count.partition);
    const sum = sums.get(id);
    sums.set(id, sum === undefined ? count : sumDemand(sum, count));
  }
  return [...sums.values()];
}

function foldServed(counts: readonly ServedCount[]): ServedCount[] {
  const sums = new Map<string, ServedCount>();
  for (const count of counts) {
    const id = idOf(count.partition, count.cause);
    const sum = sums.get(id);
    sums.set(id, sum === undefined ? count : sumServed(sum, count));
  }
  return [...sums.values()];
}

/** No two pairs have the same, whatever is in their names. */
const idOf = (first: string, second: string): string => `${first.length}:${first}${second}`;
