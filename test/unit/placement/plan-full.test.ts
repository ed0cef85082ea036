// What planners do about a fleet that is full, or nearly so: moves help while somebody has room for good, another partition when nobody has.
import { expect, it } from 'vitest';
import { noFlows } from '../../../src/model/load.ts';
import {
  type Memory,
  type Move,
  noMemory,
  type Plan,
  planNext,
  type SeenPartition,
  type UnderWay,
  type View,
} from '../../../src/placement/placement.ts';
import { type FleetSpec, predictionOf, pressureWith, steady, viewOf } from './fleets.ts';
import { movesOf, movesOnly, rules } from './ticks.ts';

/** Reads of each partition, which can do 100, in eight areas. */
const fleetOf = (...reads: readonly number[]): FleetSpec => ({
  bounds: reads.map(() => 100),
  spread: 1,
  areas: reads.flatMap((all, at) =>
    Array.from({ length: 8 }, () => ({ at, reads: all / 8, writes: 0, becomes: steady, bytes: 2 ** 20 })),
  ),
});

const pool = {
  ...{ name: 'more', capacityDomain: 'p9', failureDomain: 'p9', left: 1 },
  capacity: { load: { readOps: 100 }, confidence: 1, source: 'quota' },
} as const;
/** A tenth of what p1 is asked has echoes on its neighbours. */
const withEchoes = {
  hasEchoes: true,
  echoed: new Map([['p1', { reads: 0.1, holders: new Map(['p2', 'p5'].map((id) => [id, 0.05])) }]]),
};

function ticks(count: number, spec: FleetSpec, more: Partial<View>): Plan[] {
  const view = { ...viewOf(spec), ...more };
  let memory: Memory = noMemory;
  return Array.from({ length: count }, (_, tick) => {
    const planned = planNext({ ...view, nowSec: view.nowSec + 60 * tick }, predictionOf(spec), memory, rules);
    ({ memory } = planned);
    return planned.plan;
  });
}

const grows = ({ steps }: Plan): boolean => steps.some(({ kind }) => kind === 'grow');

it('asked for more than all can do it grows, though one of them is empty', () => {
  const plans = ticks(7, fleetOf(160, 160, 0), { pools: [pool] });
  expect(plans.map(grows)).toEqual([false, false, false, false, false, true, false]);
});

it('full everywhere it grows: who is held back asks for no more than there is', () => {
  expect(ticks(6, fleetOf(92, 92, 92), { pools: [pool] }).some(grows)).toBe(true);
  expect(ticks(6, fleetOf(92, 92, 60), { pools: [pool] }).some(grows)).toBe(false);
});

it('where echoes use a partition that comes at once it grows at nine tenths, seen twice', () => {
  const pools = { ...withEchoes, pools: [pool] };
  expect(ticks(3, fleetOf(120, 120, 34), pools).map(grows)).toEqual([false, true, false]);
  expect(ticks(8, fleetOf(120, 120, 28), pools).some(grows)).toBe(false);
  expect(ticks(8, fleetOf(120, 120, 34), { pools: [pool] }).some(grows)).toBe(false);
});

it('one that plans let go and that still drains is kept instead, and is not retired meanwhile', () => {
  const spec = { ...fleetOf(95, 95), bounds: [100, 100, 100] };
  const plansOf = (by: SeenPartition['by'], isUp = true): string[] => {
    const partitions = viewOf(spec).partitions.map((each, at) =>
      at === 2 ? { ...each, duty: 'draining' as const, pool: 'more', by, isUp } : each,
    );
    const plans = ticks(3, spec, { ...withEchoes, pools: [pool], partitions });
    return plans.map(({ steps }) => steps.map(({ kind }) => kind).join(' '));
  };
  expect(plansOf('plan')).toEqual(['retire', 'keep', 'retire']);
  // An operator wants it empty; or it is of no use.
  expect(plansOf('operator')).toEqual(['retire', 'grow retire', 'retire']);
  expect(plansOf('plan', false)).toEqual(['retire', 'grow retire', 'retire']);
});

it('and keeps it with what it holds: nothing is moved off it in that tick', () => {
  const spec = fleetOf(95, 95, 8);
  const view = viewOf(spec);
  const partitions = view.partitions.map((each, at) =>
    at === 2 ? { ...each, duty: 'draining' as const, pool: 'more', by: 'plan' as const } : each,
  );
  const plans = ticks(3, spec, { ...withEchoes, pools: [pool], partitions });
  const kept = plans.find(({ steps }) => steps.some(({ kind }) => kind === 'keep'));
  expect(plans[0]!.steps.map(({ kind }) => kind)).toContain('re-home');
  expect(kept!.steps.map(({ kind }) => kind)).toEqual(['keep']);
});

it('what who drains is still asked counts, since the others will be asked for it', () => {
  const spec = fleetOf(80, 80, 30);
  const partitions = viewOf(spec).partitions.map((each, at) =>
    at === 2 ? { ...each, duty: 'draining' as const } : each,
  );
  expect(ticks(3, spec, { ...withEchoes, pools: [pool], partitions }).some(grows)).toBe(true);
});

it('one that came, and of which nobody knows what it can do, is waited for', () => {
  const spec = fleetOf(120, 120, 34);
  const plansOf = (by: Partial<SeenPartition>): Plan[] => {
    const partitions = viewOf(spec).partitions.map((each, at) => (at === 2 ? { ...each, pool: 'more', ...by } : each));
    return ticks(8, spec, { ...withEchoes, pools: [pool], partitions });
  };
  const unknown = { capacity: { load: {}, confidence: 0, source: 'none' as const } };
  expect(plansOf({}).some(grows)).toBe(true);
  expect(plansOf(unknown).some(grows)).toBe(false);
  expect(
    plansOf(unknown)
      .at(-1)!
      .refusals.map(({ why }) => why),
  ).toContainEqual(expect.stringMatching(/^p3 came from a pool, and what it can do is not known yet/));
  expect(plansOf({ ...unknown, isUp: false }).some(grows)).toBe(true);
});

it('and not for what is foreseen while one is away', () => {
  const spec = fleetOf(78, 78, 78, 78);
  const partitions = viewOf(spec).partitions.map((each, at) =>
    at === 3 ? { ...each, isUp: false, demand: noFlows } : each,
  );
  expect(ticks(8, spec, { ...withEchoes, pools: [pool], partitions }).some(grows)).toBe(false);
});

it('who is left when one went is not short: full everywhere is above nine tenths there', () => {
  expect(ticks(8, fleetOf(89, 89), { ...withEchoes, pools: [pool] }).some(grows)).toBe(false);
  expect(ticks(8, fleetOf(91, 91), { ...withEchoes, pools: [pool] }).some(grows)).toBe(true);
});

it('and not for who is away', () => {
  const away = viewOf(fleetOf(120, 120, 120)).partitions.map((each) => ({ ...each, isUp: false }));
  expect(ticks(8, fleetOf(120, 120, 120), { ...withEchoes, pools: [pool], partitions: away }).some(grows)).toBe(false);
});

it('and for what is foreseen not before a partition would be of use', () => {
  const pools = { ...withEchoes, pools: [pool] };
  const rising = (step: number): FleetSpec => {
    const fleet = fleetOf(120, 60, 60);
    const becomes = steady.map((_, at) => (at >= step ? 1.3 : 1));
    return { ...fleet, areas: fleet.areas.map((each) => ({ ...each, becomes })) };
  };
  expect(ticks(2, rising(3), pools).map(grows)).toEqual([false, true]);
  expect(ticks(5, rising(4), pools).some(grows)).toBe(false);
  expect(ticks(8, rising(4), { pools: [pool] }).some(grows)).toBe(true);
});

it('a burst moves as soon as it is measured where there are no echoes, to somebody who is busy and not full', () => {
  const busy = fleetOf(96, 82, 82);
  const [first] = ticks(1, busy, {}).map(movesOf);
  expect(first!.map(({ from, to, because }) => [from, to, because.basis])).toEqual([['p1', 'p2', 'measured']]);
  expect(ticks(1, fleetOf(96, 90, 90), {}).flatMap(movesOf)).toEqual([]);
  expect(ticks(1, busy, withEchoes).flatMap(movesOf)).toEqual([]);
});

it('and where the fleet has room, to nobody that it would make busy', () => {
  // The third shares the first one's capacity: it only says how busy the fleet is.
  const movesBeside = (third: number) => {
    const { partitions } = viewOf(fleetOf(96, 82, third));
    const shared = partitions.map((each, at) => (at === 2 ? { ...each, capacityDomain: 'p1' } : each));
    return ticks(1, fleetOf(96, 82, third), { partitions: shared })
      .flatMap(movesOf)
      .map(({ to }) => to);
  };
  expect(movesBeside(20)).toEqual([]);
  expect(movesBeside(75)).toEqual(['p2']);
});

it('moves that are under way count where they go: nobody is filled twice', () => {
  const fleet = fleetOf(96, 96, 96, 82);
  const view = viewOf(fleet);
  let memory: Memory = noMemory;
  const underWay: UnderWay[] = [];
  const moved: Move[] = [];
  for (let tick = 0; tick < 8; tick++) {
    const now = { ...view, underWay: [...underWay], nowSec: view.nowSec + 60 * tick };
    const planned = planNext(now, predictionOf(fleet), memory, movesOnly);
    ({ memory } = planned);
    for (const each of movesOf(planned.plan)) {
      moved.push(each);
      const { area, from, to, bytes, readShare } = each;
      underWay.push({ kind: 'move', area, from, to, bytesLeft: bytes, readShareLeft: readShare });
    }
  }
  expect(moved.length).toBeGreaterThan(0);
  expect(
    pressureWith(
      fleet,
      3,
      moved.filter(({ to }) => to === 'p4'),
      'now',
    ),
  ).toBeLessThanOrEqual(0.95);
});

it('what echoes cannot carry moves once it was seen in eight minutes of eight, where there are pools, used up or not', () => {
  for (const left of [1, 0]) {
    const pools = [{ ...pool, left }];
    const moves = ticks(9, fleetOf(125, 80, 80, 80, 20), { ...withEchoes, pools }).map(movesOf);
    expect(moves.slice(0, 7).flat()).toEqual([]);
    expect(moves[7]!.map(({ from, to, because }) => [from, to, because.basis])).toContainEqual([
      'p1',
      'p5',
      'measured',
    ]);
  }
});

it('and does not where the whole fleet is above nine tenths', () => {
  expect(ticks(9, fleetOf(180, 95, 95, 95, 20), { ...withEchoes, pools: [pool] }).flatMap(movesOf)).toEqual([]);
});

it('where it cannot, it moves after four of five, however full the fleet is', () => {
  const moves = ticks(5, fleetOf(180, 95, 95, 95, 20), withEchoes).map(movesOf);
  expect(moves.slice(0, 3).flat()).toEqual([]);
  expect(moves[3]!.map(({ from, to }) => [from, to])).toContainEqual(['p1', 'p5']);
});
