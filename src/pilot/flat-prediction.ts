// A prediction in few long rows of numbers, as it is made, written down and read back; planners look into it as into maps.
import type { AreaId, PartitionId } from '../model/ids.ts';
import { type Flow, flows } from '../model/load.ts';
import { type Prediction, type QuantileRow, quantileLevels } from '../placement/placement.ts';

export interface FlatPrediction extends Omit<Prediction, 'partitions' | 'areas' | 'fleet'> {
  /** Per flow steps × levels. */
  readonly partitions: ReadonlyMap<PartitionId, Readonly<Partial<Record<Flow, Float64Array>>>>;
  readonly fleet: Readonly<Partial<Record<Flow, Float64Array>>>;
  readonly areas: readonly AreaId[];
  /** Areas × flows × `stepsOfAreas`; those before `fromStep` are over. */
  readonly values: Float64Array;
  readonly stepsOfAreas: number;
  readonly fromStep: number;
}

export function unflatten({
  partitions,
  fleet,
  areas,
  values,
  stepsOfAreas,
  fromStep,
  ...rest
}: FlatPrediction): Prediction {
  const places = new Map(areas.map((area, place) => [area, place]));
  const steps = rest.aheadSec.length;
  return {
    ...rest,
    partitions: new Map([...partitions].map(([id, of]) => [id, rowsOf(of, steps)])),
    fleet: rowsOf(fleet, steps),
    areas: {
      get(area) {
        const place = places.get(area);
        if (place === undefined) return undefined;
        const start = place * flows.length * stepsOfAreas;
        const row = (at: number): Float64Array =>
          values.subarray(start + at * stepsOfAreas + fromStep, start + (at + 1) * stepsOfAreas);
        return { readOps: row(0), writeOps: row(1), readBytes: row(2), writeBytes: row(3) };
      },
    },
  };
}

function rowsOf(
  of: Readonly<Partial<Record<Flow, Float64Array>>>,
  steps: number,
): Partial<Record<Flow, readonly QuantileRow[]>> {
  const rows: Partial<Record<Flow, readonly QuantileRow[]>> = {};
  const count = quantileLevels.length;
  for (const flow of flows) {
    const all = of[flow];
    if (all === undefined) continue;
    rows[flow] = Array.from({ length: steps }, (_, step) => all.subarray(step * count, (step + 1) * count));
  }
  return rows;
}
