// What each area will be asked, step by step, in one compact piece: it goes from thread to thread with each forecast, for tens of thousands of areas.
import { type Fan, middleOf } from './fan.ts';
import { type Expected, type Flow, flows } from './fleet.ts';
import type { FleetAreas } from './fleet-areas.ts';
import type { KnownShares } from './known-shares.ts';

/** `whole`: all partitions whose capacity is known, as one. */
export function expectedOf(
  areas: FleetAreas,
  shares: KnownShares,
  whole: ReadonlyMap<Flow, Fan>,
  steps: number,
): Expected {
  const ids = [...areas.ids];
  const values = new Float64Array(ids.length * flows.length * steps);
  ids.forEach((area, place) => {
    flows.forEach((flow, at) => {
      const series = areas.of(area, flow);
      if (series === undefined || series.answer.length === 0) return;
      values.set(middleOf(series, steps), (place * flows.length + at) * steps);
    });
  });
  const fleet: Partial<Record<Flow, readonly (readonly number[])[]>> = {};
  for (const [flow, fan] of whole) fleet[flow] = fan.steps.map((row) => Array.from(row));
  return { steps, areas: ids, values, shares: new Map(shares.all), fleet };
}
