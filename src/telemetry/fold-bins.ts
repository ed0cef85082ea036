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

function foldDemand(counts: readonly DemandCount[]): DemandCount[] {
  const sums = new Map<string, DemandCount>();
  for (const count of counts) {
    const id = `${count.area}\n${count.partition}`;
    const sum = sums.get(id);
    sums.set(
      id,
      sum === undefined
        ? count
        : {
            area: sum.area,
            partition: sum.partition,
            readOps: sum.readOps + count.readOps,
            writeOps: sum.writeOps + count.writeOps,
            readBytes: sum.readBytes + count.readBytes,
            writeBytes: sum.writeBytes + count.writeBytes,
          },
    );
  }
  return [...sums.values()];
}

function foldServed(counts: readonly ServedCount[]): ServedCount[] {
  const sums = new Map<string, ServedCount>();
  for (const count of counts) {
    const id = `${count.partition}\n${count.cause}`;
    const sum = sums.get(id);
    sums.set(
      id,
      sum === undefined
        ? count
        : {
            partition: sum.partition,
            cause: sum.cause,
            readOps: sum.readOps + count.readOps,
            writeOps: sum.writeOps + count.writeOps,
            readBytes: sum.readBytes + count.readBytes,
            writeBytes: sum.writeBytes + count.writeBytes,
            errors: sum.errors + count.errors,
            throttled: sum.throttled + count.throttled,
            latency: sum.latency.map((each, step) => each + (count.latency[step] ?? 0)),
          },
    );
  }
  return [...sums.values()];
}
