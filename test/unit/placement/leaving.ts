// Fleets of three of which one may go, and how long it takes until it does, for tests of planners.
import { expect } from 'vitest';
import { noFlows } from '../../../src/model/load.ts';
import { type Memory, noMemory, planNext, type SeenPartition, type View } from '../../../src/placement/placement.ts';
import { type FleetSpec, predictionOf, steady, viewOf } from './fleets.ts';
import { rules } from './ticks.ts';

/** Three that can do 100 each; the last one came from a pool. */
export const fleetOf = (reads: readonly number[]): FleetSpec => ({
  bounds: [100, 100, 100],
  spread: 1,
  areas: reads.map((each, at) => ({ at, reads: each, writes: 0, becomes: steady, bytes: 2 ** 20 })),
});

export interface Change {
  readonly all?: Partial<View>;
  readonly last?: Partial<SeenPartition>;
  readonly first?: Partial<SeenPartition>;
}

export function seen(spec: FleetSpec, { all, first, last }: Change): View {
  const view = viewOf(spec);
  const [p1, p2, p3] = view.partitions as [SeenPartition, SeenPartition, SeenPartition];
  return { ...view, partitions: [{ ...p1, ...first }, p2, { ...p3, pool: 'more', ...last }], ...all };
}

/** A day is known, in which nothing was asked for. */
const nightSec = 1_000_000 - (1_000_000 % 3600) - 86_400;
export const hours = Array.from({ length: 20 }, (_, at) => ({
  fromSec: nightSec + 3600 * at,
  ticks: 60,
  demand: noFlows,
}));
export const knowing: Memory = { ...noMemory, hours };

/** Minutes until the partition drains; undefined: it does not, in so many. */
export function drainsAfter(
  minutes: number,
  at: (minute: number) => FleetSpec,
  change: Change = {},
  ahead: (minute: number) => FleetSpec | undefined = () => undefined,
  before = knowing,
): number | undefined {
  let memory = before;
  for (let minute = 0; minute <= minutes; minute++) {
    const view = seen(at(minute), change);
    const foreseen = ahead(minute);
    const tick = { ...view, nowSec: view.nowSec + 60 * minute };
    const planned = planNext(tick, foreseen && predictionOf(foreseen), memory, rules);
    const [step] = planned.plan.steps.filter(({ kind }) => kind === 'drain');
    if (step !== undefined) {
      expect(step).toMatchObject({ partition: 'p3' });
      return minute;
    }
    ({ memory } = planned);
  }
  return undefined;
}

export const calm = fleetOf([40, 40, 20]);
export const busy = fleetOf([40, 40, 40]);
export const day = 1440;
