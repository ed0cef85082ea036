// What the fleet was asked for in the busiest hour of the last day: what was needed then will be needed again, and is not given back in between.
import { eachFlow, type Flows, noFlows } from '../model/load.ts';
import type { View } from './view.ts';

/** Sums over the ticks of an hour. */
export interface HourSeen {
  readonly fromSec: number;
  readonly ticks: number;
  readonly demand: Flows;
}

const hourSec = 3600;
const daySec = 86_400;

/** One tick more; hours that begin more than a day ago are forgotten, and those that lie ahead of a clock that was set back. */
export function hoursSeen(before: readonly HourSeen[], { nowSec, partitions }: View): readonly HourSeen[] {
  const fromSec = nowSec - (nowSec % hourSec);
  const kept = before.filter((each) => each.fromSec < fromSec && each.fromSec >= fromSec - daySec);
  const { ticks, demand } = before.find((each) => each.fromSec === fromSec) ?? { ticks: 0, demand: noFlows };
  const asked = eachFlow((flow) => partitions.reduce((sum, each) => sum + each.demand[flow], demand[flow]));
  return [...kept, { fromSec, ticks: ticks + 1, demand: asked }];
}

/** Per second, on the mean of each flow's busiest hour. */
export const dayHigh = (hours: readonly HourSeen[]): Flows =>
  eachFlow((flow) => hours.reduce((high, { ticks, demand }) => Math.max(high, demand[flow] / ticks), 0));
