// The fleet's forecast as planners take it: steps counted from now, and each partition's rows under the shares of now. The forecaster goes by the
// last hour, in which what moved a minute ago still lies where it did; by what an area is expected to be asked the difference changes hands.
import type { Expected, FleetDeclared, FleetForecast, Quantiles } from '../forecast/forecast.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import { type Flow, flows } from '../model/load.ts';
import { quantileLevels } from '../placement/placement.ts';
import type { FlatPrediction } from './flat-prediction.ts';
import type { AreaShares } from './present-shares.ts';

export interface PredictionSources {
  readonly forecast: FleetForecast;
  /** Undefined: nothing is declared. */
  readonly declared: FleetDeclared | undefined;
  readonly shares: ReadonlyMap<AreaId, AreaShares>;
  readonly nowSec: number;
}

type Rows = Partial<Record<Flow, Float64Array>>;

export function toPrediction({ forecast, declared, shares, nowSec }: PredictionSources): FlatPrediction {
  const { expected, originSec, stepSec } = forecast;
  const ends = Array.from({ length: expected.steps }, (_, at) => originSec + (at + 2) * stepSec - nowSec);
  const aheadSec = ends.filter((endSec) => endSec > 0);
  const fromStep = ends.length - aheadSec.length;
  const shifts = shiftsOf(expected, shares);
  const partitions = new Map<PartitionId, Rows>();
  for (const [partition, each] of forecast.partitions) {
    const rows: Rows = {};
    for (const { flow, horizon, steps } of each) {
      if (horizon === expected.steps) rows[flow] = flat(steps, fromStep, shifts.get(partition)?.[flow]);
    }
    partitions.set(partition, rows);
  }
  const fleet: Rows = {};
  for (const flow of flows) {
    const rows = expected.fleet[flow];
    if (rows !== undefined) fleet[flow] = flat(rows, fromStep, undefined);
  }
  return {
    ...{ aheadSec, partitions, fleet, areas: expected.areas, values: expected.values },
    ...{ stepsOfAreas: expected.steps, fromStep },
    declared: declaredAreas(declared, nowSec, nowSec + (aheadSec.at(-1) ?? 0)),
  };
}

/** `shift`: by step, on top. */
function flat(steps: readonly Quantiles[], fromStep: number, shift: Float64Array | undefined): Float64Array {
  const count = quantileLevels.length;
  const rows = new Float64Array((steps.length - fromStep) * count);
  for (let step = fromStep; step < steps.length; step++) {
    const [row, by] = [steps[step]!, shift?.[step] ?? 0];
    const start = (step - fromStep) * count;
    for (let at = 0; at < count; at++) rows[start + at] = Math.max(0, row[at]! + by);
  }
  return rows;
}

/** What each partition will be asked more than the forecast says, or less, because areas lie otherwise by now. */
function shiftsOf(expected: Expected, shares: ReadonlyMap<AreaId, AreaShares>): Map<PartitionId, Rows> {
  const { steps, values } = expected;
  const shifts = new Map<PartitionId, Rows>();
  const add = (partition: PartitionId, flow: Flow, more: number, start: number): void => {
    if (Math.abs(more) < sameShare) return;
    const of = shifts.get(partition) ?? {};
    shifts.set(partition, of);
    const sum = of[flow] ?? new Float64Array(steps);
    of[flow] = sum;
    for (let step = 0; step < steps; step++) sum[step] = sum[step]! + more * values[start + step]!;
  };
  expected.areas.forEach((area, place) => {
    const now = shares.get(area);
    const known = expected.shares.get(area);
    if (now === undefined || known === undefined) return;
    flows.forEach((flow, at) => {
      const present = flow === 'readOps' || flow === 'readBytes' ? now.reads : now.writes;
      if (present.size === 0) return;
      const start = (place * flows.length + at) * steps;
      for (const [partition, share] of present)
        add(partition, flow, share - (known.get(partition)?.[flow] ?? 0), start);
      for (const [partition, of] of known) if (!present.has(partition)) add(partition, flow, -of[flow], start);
    });
  });
  return shifts;
}

/** Counts differ from hour to minute; what moves differs by more. */
const sameShare = 0.02;

/** Those with a run, or a hint of more, in these seconds, and when they begin. */
function declaredAreas(declared: FleetDeclared | undefined, fromSec: number, toSec: number): Map<AreaId, number[]> {
  const areas = new Map<AreaId, number[]>();
  const add = (parts: ReadonlyMap<AreaId, number>, startSec: number): void => {
    for (const [area, part] of parts) if (part > 0) areas.set(area, [...(areas.get(area) ?? []), startSec]);
  };
  for (const { starts, durationSec, parts } of declared?.jobs ?? []) {
    for (const startSec of starts) if (startSec < toSec && startSec + durationSec > fromSec) add(parts, startSec);
  }
  for (const hint of declared?.hints ?? []) {
    if (hint.factor > 1 && hint.fromSec < toSec && hint.toSec > fromSec) add(hint.parts, hint.fromSec);
  }
  return areas;
}
