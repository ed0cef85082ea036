// The fleet's forecast as planners take it: steps counted from now, and each partition's rows under the shares of now. The forecaster goes by the
// last hour, in which what moved a minute ago still lies where it did; by what an area is expected to be asked the difference changes hands.
import type { Expected, FleetDeclared, FleetForecast } from '../forecast/forecast.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import { type Flow, flows } from '../model/load.ts';
import type { Prediction } from '../placement/placement.ts';
import type { AreaShares } from './present-shares.ts';

export interface PredictionSources {
  readonly forecast: FleetForecast;
  /** Undefined: nothing is declared. */
  readonly declared: FleetDeclared | undefined;
  readonly shares: ReadonlyMap<AreaId, AreaShares>;
  readonly nowSec: number;
}

type Rows = Partial<Record<Flow, readonly Float64Array[]>>;

export function toPrediction({ forecast, declared, shares, nowSec }: PredictionSources): Prediction {
  const { expected, originSec, stepSec } = forecast;
  const ends = Array.from({ length: expected.steps }, (_, at) => originSec + (at + 2) * stepSec - nowSec);
  const aheadSec = ends.filter((endSec) => endSec > 0);
  const from = ends.length - aheadSec.length;
  const shifts = shiftsOf(expected, shares);
  const partitions = new Map<PartitionId, Rows>();
  for (const [partition, each] of forecast.partitions) {
    const rows: Rows = {};
    for (const { flow, horizon, steps } of each) {
      if (horizon !== expected.steps) continue;
      const shift = shifts.get(partition)?.[flow];
      rows[flow] = steps.slice(from).map((row, at) => shifted(row, shift?.[from + at] ?? 0));
    }
    partitions.set(partition, rows);
  }
  const fleet: Rows = {};
  for (const flow of flows) {
    const rows = expected.fleet[flow];
    if (rows !== undefined) fleet[flow] = rows.slice(from).map((row) => Float64Array.from(row));
  }
  const untilSec = nowSec + (aheadSec.at(-1) ?? 0);
  return {
    aheadSec,
    partitions,
    areas: areasOf(expected, from),
    fleet,
    declared: declaredAreas(declared, nowSec, untilSec),
  };
}

function areasOf(expected: Expected, from: number): Prediction['areas'] {
  const areas = new Map<AreaId, Partial<Record<Flow, Float64Array>>>();
  expected.areas.forEach((area, place) => {
    const rows: Partial<Record<Flow, Float64Array>> = {};
    flows.forEach((flow, at) => {
      rows[flow] = rowOf(expected, place, at).subarray(from);
    });
    areas.set(area, rows);
  });
  return areas;
}

const rowOf = ({ values, steps }: Expected, place: number, flowAt: number): Float64Array => {
  const start = (place * flows.length + flowAt) * steps;
  return values.subarray(start, start + steps);
};

/** What each partition will be asked more than the forecast says, or less, because areas lie otherwise by now. */
function shiftsOf(
  expected: Expected,
  shares: ReadonlyMap<AreaId, AreaShares>,
): Map<PartitionId, Partial<Record<Flow, Float64Array>>> {
  const shifts = new Map<PartitionId, Partial<Record<Flow, Float64Array>>>();
  expected.areas.forEach((area, place) => {
    const now = shares.get(area);
    const known = expected.shares.get(area);
    if (now === undefined || known === undefined) return;
    flows.forEach((flow, at) => {
      const present = flow === 'readOps' || flow === 'readBytes' ? now.reads : now.writes;
      if (present.size === 0) return;
      for (const partition of new Set([...present.keys(), ...known.keys()])) {
        const more = (present.get(partition) ?? 0) - (known.get(partition)?.[flow] ?? 0);
        if (Math.abs(more) < sameShare) continue;
        const of = shifts.get(partition) ?? {};
        shifts.set(partition, of);
        const sum = of[flow] ?? new Float64Array(expected.steps);
        of[flow] = sum;
        const row = rowOf(expected, place, at);
        for (let step = 0; step < row.length; step++) sum[step] = sum[step]! + more * row[step]!;
      }
    });
  });
  return shifts;
}

/** Counts differ from hour to minute; what moves differs by more. */
const sameShare = 0.02;

const shifted = (row: readonly number[], by: number): Float64Array =>
  Float64Array.from(row, (value) => Math.max(0, value + by));

/** Those with a run, or a hint of more, in these seconds. */
function declaredAreas(declared: FleetDeclared | undefined, fromSec: number, toSec: number): Set<AreaId> {
  const areas = new Set<AreaId>();
  const add = (parts: ReadonlyMap<AreaId, number>): void => {
    for (const [area, part] of parts) if (part > 0) areas.add(area);
  };
  for (const { starts, durationSec, parts } of declared?.jobs ?? []) {
    if (starts.some((startSec) => startSec < toSec && startSec + durationSec > fromSec)) add(parts);
  }
  for (const hint of declared?.hints ?? []) {
    if (hint.factor > 1 && hint.fromSec < toSec && hint.toSec > fromSec) add(hint.parts);
  }
  return areas;
}
