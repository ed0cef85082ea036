// How near partitions will come to what they can do, and how much better the fleet could share it out. What a partition can do has to be known
// well enough; else it is left out, and the score says so.
import { type Capacity, sureMin, unknownCapacity } from '../model/capacity.ts';
import type { PartitionId } from '../model/ids.ts';
import { type Fan, maxRow, probAbove } from './fan.ts';
import { type Crossing, type Flow, flows, type PartitionScore } from './fleet.ts';
import { levels } from './levels.ts';

/** Above this part of capacity a partition counts as overloaded. */
export const overloadShare = 0.85;
const crossingShares = [overloadShare, 1] as const;
const q90 = levels.indexOf(0.9);

export interface Loaded {
  readonly partition: PartitionId;
  readonly fans: ReadonlyMap<Flow, Fan>;
}

interface Peak {
  readonly pressure: number;
  readonly flow: Flow;
  /** Bins ahead, from 1. */
  readonly step: number;
}

/** What is known well enough of a capacity to be judged by, per second; undefined where it is not. */
export function boundOf(capacity: Capacity | undefined, flow: Flow): number | undefined {
  const { load, confidence } = capacity ?? unknownCapacity;
  const bound = load[flow];
  return confidence >= sureMin && bound !== undefined && bound > 0 && bound < Number.POSITIVE_INFINITY
    ? bound
    : undefined;
}

/** `best`: the least pressure that the fleet could have, everything spread in proportion to capacity. */
export function scoreOf(
  { partition, fans }: Loaded,
  capacity: Capacity | undefined,
  best: number | undefined,
  originSec: number,
  stepSec: number,
): PartitionScore {
  const peak = peakOf(fans, (flow) => boundOf(capacity, flow));
  const confidence = capacity?.confidence ?? 0;
  if (peak === undefined) {
    const nothing = { pressure: undefined, overloadProb: undefined, imbalanceScore: undefined, flow: undefined };
    return { partition, ...nothing, atSec: undefined, confidence, because: [whyNot(capacity)] };
  }
  const left = flows.filter((flow) => fans.has(flow) && boundOf(capacity, flow) === undefined);
  return {
    partition,
    pressure: peak.pressure,
    overloadProb: overloadProb(fans, capacity),
    imbalanceScore: best === undefined ? undefined : peak.pressure - best,
    flow: peak.flow,
    atSec: originSec + peak.step * stepSec,
    confidence,
    because: left.length === 0 ? [] : [`no capacity is known for ${left.join(', ')}: left out`],
  };
}

/** Least pressure of a fleet whose load is spread in proportion to capacity. `totals`: of the partitions whose bounds are summed. */
export function bestPressure(totals: ReadonlyMap<Flow, Fan>, bounds: ReadonlyMap<Flow, number>): number | undefined {
  return peakOf(totals, (flow) => bounds.get(flow))?.pressure;
}

/** The first bin in which q90 passes 0.85 and 1.0 of a capacity, per flow. */
export function crossingsOf(
  { partition, fans }: Loaded,
  capacity: Capacity | undefined,
  originSec: number,
  stepSec: number,
): Crossing[] {
  const crossings: Crossing[] = [];
  for (const [flow, { steps }] of fans) {
    const bound = boundOf(capacity, flow);
    if (bound === undefined) continue;
    for (const share of crossingShares) {
      const at = steps.findIndex((row) => row[q90]! > share * bound);
      if (at >= 0) crossings.push({ partition, flow, share, atSec: originSec + (at + 1) * stepSec });
    }
  }
  return crossings;
}

function peakOf(fans: ReadonlyMap<Flow, Fan>, bound: (flow: Flow) => number | undefined): Peak | undefined {
  let peak: Peak | undefined;
  for (const [flow, { steps }] of fans) {
    const most = bound(flow);
    if (most === undefined) continue;
    steps.forEach((row, at) => {
      const pressure = row[q90]! / most;
      if (Number.isFinite(pressure) && (peak === undefined || pressure > peak.pressure))
        peak = { pressure, flow, step: at + 1 };
    });
  }
  return peak;
}

/** Paths of all flows are of the same moments, so that flows that peak together are counted once. */
function overloadProb(fans: ReadonlyMap<Flow, Fan>, capacity: Capacity | undefined): number {
  const bounded = [...fans].flatMap(([flow, fan]) => {
    const bound = boundOf(capacity, flow);
    return bound === undefined ? [] : [{ fan, bound: overloadShare * bound }];
  });
  const paths = Math.min(...bounded.map(({ fan }) => fan.paths));
  let known = 0;
  let over = 0;
  for (let path = 0; path < paths; path++) {
    const tops = bounded.map(({ fan }) => fan.maxima[(path + 1) * fan.steps.length - 1]!);
    if (tops.some(Number.isNaN)) continue;
    known++;
    if (tops.some((top, at) => top > bounded[at]!.bound)) over++;
  }
  // Too few moments: the rows alone, the flow that is worst.
  const worst = Math.max(...bounded.map(({ fan, bound }) => probAbove(maxRow(fan, fan.steps.length), bound)));
  return known < pathsMin ? worst : over / known;
}

const pathsMin = 30;

function whyNot(capacity: Capacity | undefined): string {
  if (capacity === undefined || Object.keys(capacity.load).length === 0) return 'its capacity is not known: left out';
  if (capacity.confidence < sureMin)
    return `its capacity is only guessed (confidence ${capacity.confidence.toFixed(2)}): left out`;
  return 'its capacity says nothing of what is asked of it: left out';
}
