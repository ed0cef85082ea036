// Who lets partitions go: only those of a pool, after calm that was measured, an hour or a day of it; a forecast may object, never urge.
import { describe, expect, it } from 'vitest';
import { type Memory, noMemory, planNext, type SeenPartition, type View } from '../../../src/placement/placement.ts';
import { type FleetSpec, predictionOf, steady, viewOf } from './fleets.ts';
import { rules } from './ticks.ts';

/** Three that can do 100 each; the last one came from a pool. */
const fleetOf = (reads: readonly number[]): FleetSpec => ({
  bounds: [100, 100, 100],
  spread: 1,
  areas: reads.map((each, at) => ({ at, reads: each, writes: 0, becomes: steady, bytes: 2 ** 20 })),
});

interface Change {
  readonly all?: Partial<View>;
  readonly last?: Partial<SeenPartition>;
  readonly first?: Partial<SeenPartition>;
}

function seen(spec: FleetSpec, { all, first, last }: Change): View {
  const view = viewOf(spec);
  const [p1, p2, p3] = view.partitions as [SeenPartition, SeenPartition, SeenPartition];
  return { ...view, partitions: [{ ...p1, ...first }, p2, { ...p3, pool: 'more', ...last }], ...all };
}

/** Minutes until the partition drains; undefined: it does not, in so many. */
function drainsAfter(
  minutes: number,
  at: (minute: number) => FleetSpec,
  change: Change = {},
  ahead: (minute: number) => FleetSpec | undefined = () => undefined,
): number | undefined {
  let memory: Memory = noMemory;
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

const calm = fleetOf([40, 40, 20]);
const busy = fleetOf([40, 40, 40]);
const day = 1440;

it('goes when the others could have had its load for a day', () => {
  expect(drainsAfter(2 * day, () => calm)).toBe(day);
  expect(drainsAfter(2 * day, () => busy)).toBeUndefined();
});

it('is known to leave until it has left, or an operator brings it back', () => {
  const early = seen(calm, {}).nowSec - day * 60;
  const { plan, memory } = planNext(seen(calm, {}), undefined, { ...noMemory, calmSinceSec: { merge: early } }, rules);
  expect(plan.steps.map(({ kind }) => kind)).toEqual(['drain']);
  expect(memory.leaving).toBe('p3');
  const leavingAt = (last: Partial<SeenPartition>) =>
    planNext(seen(calm, { last, first: { duty: 'draining' } }), undefined, memory, rules).memory.leaving;
  expect(leavingAt({ duty: 'draining' })).toBe('p3');
  expect(leavingAt({ duty: 'retired' })).toBeUndefined();
  expect(leavingAt({ duty: 'online' })).toBeUndefined();
});

it('and waits anew after a minute in which they could not', () => {
  expect(drainsAfter(2 * day, (minute) => (minute === 40 ? busy : calm))).toBe(day + 41);
});

it('a forecast objects, and does not urge', () => {
  const morning = fleetOf([70, 70, 10]);
  expect(
    drainsAfter(
      2 * day,
      () => calm,
      {},
      (minute) => (minute < 90 ? morning : calm),
    ),
  ).toBe(day + 90);
  expect(
    drainsAfter(
      2 * day,
      () => calm,
      {},
      () => busy,
    ),
  ).toBe(day);
  expect(
    drainsAfter(
      2 * day,
      () => busy,
      {},
      () => calm,
    ),
  ).toBeUndefined();
});

describe('where load is foreseen and echoes use a partition that comes at once', () => {
  const full = fleetOf([100, 60, 15]);
  const elastic = (storedBytes: number): Change => ({ all: { hasEchoes: true }, last: { storedBytes } });
  type At = (minute: number) => FleetSpec;
  /** It holds nothing; what is foreseen is that it stays full. */
  const leavesAfter = (minutes: number, at: At, ahead: At = () => full) => drainsAfter(minutes, at, elastic(0), ahead);

  it('it goes after an hour in which the others could have had its load', () => {
    expect(leavesAfter(day, () => full)).toBe(60);
    expect(leavesAfter(day, () => fleetOf([100, 60, 25]))).toBeUndefined();
  });

  it('and three times as long as its drain takes', () => {
    const holding = elastic(rules.movesOutMax * rules.moveBytesPerSec * 600);
    const always: At = () => full;
    expect(drainsAfter(day, always, holding, always)).toBe(90);
  });

  it('but a forecast may object, and the hour begins anew', () => {
    const evening = fleetOf([130, 60, 15]);
    const ahead: At = (minute) => (minute < 30 ? evening : full);
    expect(leavesAfter(day, () => full, ahead)).toBe(90);
  });

  it('and not before a day has passed since an hour in which they could not', () => {
    const peakUntil = (end: number): At => {
      const peak = fleetOf([110, 80, 30]);
      return (minute) => (minute < end ? peak : full);
    };
    expect(leavesAfter(2 * day, peakUntil(90))).toBeGreaterThan(day);
    expect(leavesAfter(2 * day, peakUntil(5))).toBeLessThan(90);
  });

  it('without a forecast, or without echoes, it stays', () => {
    expect(drainsAfter(2 * day, () => full, elastic(0))).toBeUndefined();
    expect(
      drainsAfter(
        2 * day,
        () => full,
        { last: { storedBytes: 0 } },
        () => full,
      ),
    ).toBeUndefined();
  });

  it('and who holds much goes after a day, if half of them would be enough', () => {
    const days = rules.movesOutMax * rules.moveBytesPerSec * 86_400;
    expect(
      drainsAfter(
        2 * day,
        () => calm,
        elastic(days),
        () => calm,
      ),
    ).toBe(day);
  });
});

it('stays while anybody is away, comes or goes, or nobody knows what one can do', () => {
  const { capacity } = viewOf(calm).partitions[0]!;
  const others: Change[] = [
    { first: { isUp: false } },
    { first: { capacity: { ...capacity, confidence: 0 } } },
    { first: { duty: 'draining' } },
    { all: { underWay: [{ kind: 'grow', pool: 'more', partition: 'p4' }] } },
  ];
  const quiet = fleetOf([40, 10, 10]);
  for (const change of others) expect(drainsAfter(2 * day, () => quiet, change)).toBeUndefined();
});

it('stays where no pool made it, or nobody else takes anything', () => {
  const { pool: _none, ...configured } = seen(calm, {}).partitions[2]!;
  const view = seen(calm, {});
  expect(
    drainsAfter(2 * day, () => calm, { all: { partitions: [...view.partitions.slice(0, 2), configured] } }),
  ).toBeUndefined();
  const alone = view.partitions.map((each, at) => ({
    ...each,
    duty: at === 2 ? ('online' as const) : ('offline' as const),
  }));
  expect(drainsAfter(2 * day, () => calm, { all: { partitions: alone } })).toBeUndefined();
});
