// One quantile of everything that is predicted, as a table.
import { zeros } from '../base/filled.ts';
import type { Flow } from '../model/load.ts';
import type { QuantileRow, SeenPartition } from './view.ts';

/** At place × steps + step: what a level comes to; where nothing is predicted, what is asked now. */
export function rowsAt(
  ahead: readonly (readonly QuantileRow[] | undefined)[],
  partitions: readonly SeenPartition[],
  flow: Flow,
  steps: number,
  level: number,
): number[] {
  const values = zeros(partitions.length * steps);
  for (let place = 0, at = 0; place < partitions.length; place++) {
    const now = partitions[place]!.demand[flow];
    for (let step = 0; step < steps; step++)
      values[at++] = (step === 0 ? undefined : ahead[place]?.[step - 1]?.[level]) ?? now;
  }
  return values;
}
