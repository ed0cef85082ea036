// What the best placement would have to carry.
import { type Flow, flows } from '../model/load.ts';
import { type Prediction, quantileLevels, type SeenPartition } from './view.ts';

const q90 = quantileLevels.indexOf(0.9);

/** The least pressure that the fleet could have, everything spread in proportion to capacity. `bounds`: by flow and place, NaN where not known. */
export function leastPressure(
  partitions: readonly SeenPartition[],
  bounds: Readonly<Record<Flow, Float64Array>>,
  ahead: Prediction['fleet'] | undefined,
  steps: number,
): number {
  let greatest = 0;
  for (const flow of flows) {
    let capacity = 0;
    let now = 0;
    for (let place = 0; place < partitions.length; place++) {
      const bound = bounds[flow][place]!;
      if (Number.isNaN(bound) || partitions[place]!.duty !== 'online') continue;
      capacity += bound;
      now += partitions[place]!.demand[flow];
    }
    if (capacity <= 0) continue;
    greatest = Math.max(greatest, now / capacity);
    const rows = ahead?.[flow] ?? [];
    for (let step = 1; step < steps && step <= rows.length; step++)
      greatest = Math.max(greatest, rows[step - 1]![q90]! / capacity);
  }
  return greatest;
}
