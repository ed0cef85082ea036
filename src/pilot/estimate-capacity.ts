// What a partition without a quota seems to be able to do: the best it did over a week while it answered about as fast as it usually does.
// A partition that never struggled only shows what it can do at least, so the estimate is as sure as its limits were seen.

import { type Capacity, unknownCapacity } from '../model/capacity.ts';
import type { PartitionId } from '../model/ids.ts';
import { eachFlow, type Flow, flows } from '../model/load.ts';
import { type BinCounts, sumLatencies, sureP99Ms } from '../telemetry/telemetry.ts';

/** A bin counts as struggling when its p99 is more than so many times the usual one. */
const slowFactor = 2;
/** The usual p99 is that of the calmer bins. */
const usualQuantile = 0.25;
const binsMin = 12;
/** So many struggling bins are a limit that was seen, not an accident. */
const surelySeen = 12;

interface Sight {
  readonly rates: Readonly<Record<Flow, number>>;
  readonly p99Ms: number;
  readonly throttled: boolean;
}

/** `bins`: of a week, `stepSec` long each. */
export function estimateCapacity(partition: PartitionId, bins: readonly BinCounts[], stepSec: number): Capacity {
  const sights = bins.flatMap((bin) => sightOf(partition, bin, stepSec) ?? []);
  if (sights.length < binsMin) return unknownCapacity;
  const p99s = sights.map(({ p99Ms }) => p99Ms).sort((a, b) => a - b);
  const usualMs = p99s[Math.floor(p99s.length * usualQuantile)]!;
  const struggles = ({ p99Ms, throttled }: Sight): boolean => throttled || p99Ms > slowFactor * usualMs;
  const calm = sights.filter((sight) => !struggles(sight));
  const full = sights.filter(struggles);
  const load: Partial<Record<Flow, number>> = {};
  let seen = 0;
  for (const flow of flows) {
    const best = calm.reduce((most, { rates }) => Math.max(most, rates[flow]), 0);
    if (best === 0) continue;
    // Turned away below what it once did: it can do less than it could.
    const refused = full
      .filter(({ throttled, rates }) => throttled && rates[flow] > best / 2)
      .map(({ rates }) => rates[flow]);
    load[flow] = Math.min(best, ...refused);
    seen = Math.max(seen, full.filter(({ rates }) => rates[flow] >= 0.8 * load[flow]!).length);
  }
  return { load, confidence: Math.min(1, seen / surelySeen), source: 'estimate' };
}

function sightOf(partition: PartitionId, bin: BinCounts, stepSec: number): Sight | undefined {
  const served = bin.served.filter((count) => count.partition === partition && count.cause !== 'probe');
  const p99Ms = sureP99Ms(sumLatencies(served));
  if (p99Ms === undefined) return undefined;
  return {
    rates: eachFlow((flow) => served.reduce((sum, count) => sum + count[flow], 0) / stepSec),
    p99Ms,
    throttled: served.some((count) => count.throttled > 0),
  };
}
