// When planners do what: one look or two, before the load or in the midst of it, with echoes or without.
import { describe, expect, it } from 'vitest';
import {
  type Memory,
  noMemory,
  type Planned,
  planNext,
  type UnderWay,
  type View,
} from '../../../src/placement/placement.ts';
import { type FleetSpec, predictionOf, steady, viewOf } from './fleets.ts';
import { movesOf, movesOnly, planAfter, rules } from './ticks.ts';

describe('when', () => {
  const grows = [1, 1, 1, 1.1, 1.4, 1.5];
  const spec: FleetSpec = {
    bounds: [100, 100, 100],
    spread: 1.05,
    areas: [
      ...Array.from({ length: 8 }, () => ({ at: 0, reads: 9, writes: 1, becomes: grows, bytes: 2 ** 20 })),
      ...Array.from({ length: 8 }, () => ({ at: 1, reads: 3, writes: 1, becomes: steady, bytes: 2 ** 30 })),
      ...Array.from({ length: 8 }, () => ({ at: 2, reads: 4, writes: 1, becomes: steady, bytes: 2 ** 30 })),
    ],
  };

  it('a crossing is foreseen, one look is not enough, two are', () => {
    const first = planNext(viewOf(spec), predictionOf(spec), noMemory, rules);
    expect(first.plan.steps).toEqual([]);
    const second = planNext(viewOf({ ...spec, nowSec: 1_000_060 }), predictionOf(spec), first.memory, rules);
    expect(movesOf(second.plan)).not.toEqual([]);
    expect(movesOf(second.plan).map(({ from, to }) => [from, to])).toEqual([
      ['p1', 'p2'],
      ['p1', 'p3'],
    ]);
  });

  it('it is declared, one look is', () => {
    const declared = { ...predictionOf(spec), declared: new Map([['area-0', []]]) };
    expect(movesOf(planNext(viewOf(spec), declared, noMemory, rules).plan)).not.toEqual([]);
  });

  it('a forecast said all already, it is not looked at again', () => {
    const named = { ...predictionOf(spec), name: 'of noon' };
    const first = planNext(viewOf(spec), named, noMemory, rules);
    const second = planNext(viewOf({ ...spec, nowSec: 1_000_060 }), named, first.memory, rules);
    const third = planNext(viewOf({ ...spec, nowSec: 1_000_120 }), named, second.memory, rules);
    expect(movesOf(second.plan)).not.toEqual([]);
    expect(third.plan).toEqual({ nowSec: 1_000_120, steps: [], refusals: [] });
    const next = { ...named, name: 'of five past' };
    expect(movesOf(planNext(viewOf({ ...spec, nowSec: 1_000_180 }), next, second.memory, rules).plan)).not.toEqual([]);
  });

  it('somebody drains, as soon as more may leave', () => {
    const fleet: FleetSpec = {
      ...{ bounds: [100, 100], spread: 1 },
      areas: Array.from({ length: 6 }, () => ({ at: 0, reads: 1, writes: 0, becomes: steady, bytes: 2 ** 20 })),
    };
    const named = { ...predictionOf(fleet), name: 'of noon' };
    let memory = noMemory;
    const leavesWith = (underWay: readonly UnderWay[], tick: number): readonly UnderWay[] => {
      const view = viewOf({ ...fleet, nowSec: 1_000_000 + 60 * tick });
      const partitions = view.partitions.map((each, at) => (at === 0 ? { ...each, duty: 'draining' as const } : each));
      const planned = planNext({ ...view, partitions, underWay }, named, memory, movesOnly);
      ({ memory } = planned);
      return movesOf(planned.plan).map(({ area, from, to, bytes, readShare }) => ({
        ...{ kind: 'move', area, from, to, bytesLeft: bytes, readShareLeft: readShare },
      }));
    };
    const first = leavesWith([], 0);
    expect(first).toHaveLength(rules.movesOutMax);
    expect(leavesWith(first, 1)).toEqual([]);
    expect(leavesWith(first.slice(1), 2)).toHaveLength(1);
  });

  it('somebody drains, the others are filled to what they can do, and not further', () => {
    const filledWith = (reads: number): number => {
      const areas = [
        { at: 0, reads: 1, writes: 0, becomes: steady, bytes: 2 ** 20 },
        { at: 1, reads, writes: 0, becomes: steady, bytes: 2 ** 20 },
      ];
      const fleet: FleetSpec = { bounds: [100, 100], spread: 1, areas };
      const view = viewOf(fleet);
      const partitions = view.partitions.map((each, at) => (at === 0 ? { ...each, duty: 'draining' as const } : each));
      return movesOf(planNext({ ...view, partitions }, predictionOf(fleet), noMemory, movesOnly).plan).length;
    };
    expect([filledWith(98), filledWith(99.5)]).toEqual([1, 0]);
  });

  it('somebody drains, areas that moved or got another home of late leave it, too', () => {
    const fleet: FleetSpec = {
      ...{ bounds: [100, 100], spread: 1 },
      areas: [{ at: 0, reads: 1, writes: 1, becomes: steady, bytes: 2 ** 20 }],
    };
    const view = viewOf(fleet);
    const partitions = view.partitions.map((each, at) => (at === 0 ? { ...each, duty: 'draining' as const } : each));
    const drains = { ...view, partitions };
    const rests: Memory = { ...noMemory, restsUntilSec: { 'area-0': view.nowSec + 500 } };
    const first = planNext(drains, predictionOf(fleet), rests, rules).plan;
    expect(first.steps.map(({ kind }) => kind)).toEqual(['re-home', 'move']);
    const [move] = movesOf(first);
    const underWay: View['underWay'] = [
      { kind: 'move', area: 'area-0', from: 'p1', to: 'p2', bytesLeft: move!.bytes, readShareLeft: 1 },
    ];
    expect(movesOf(planNext({ ...drains, underWay }, predictionOf(fleet), rests, rules).plan)).toEqual([]);
  });

  describe('echoes carry meanwhile what is too much', () => {
    const helped = (by: FleetSpec) => ({
      ...viewOf(by),
      hasEchoes: true,
      echoed: new Map([['p1', { reads: 0.6, holders: new Map(['p2', 'p3'].map((id) => [id, 0.3])) }]]),
    });
    const at = (minute: number) => 1_000_000 + 60 * minute;

    it('a move is made before it begins', () => {
      const first = planNext(helped(spec), predictionOf(spec), noMemory, rules);
      const second = planNext(helped({ ...spec, nowSec: at(1) }), predictionOf(spec), first.memory, rules);
      expect(movesOf(second.plan)).not.toEqual([]);
      const moved = { ...second.memory, restsUntilSec: {} };
      const again = planNext(helped({ ...spec, nowSec: at(2) }), predictionOf(spec), moved, rules);
      const areas = movesOf(second.plan).map(({ area }) => area);
      expect(movesOf(again.plan).filter(({ area }) => areas.includes(area))).toEqual([]);
    });

    it('and none in the midst of it, but where there are none', () => {
      const now = { ...spec, areas: spec.areas.map((each) => ({ ...each, reads: each.at === 0 ? 14 : each.reads })) };
      const plansOf = (view: (by: FleetSpec) => View): Planned[] => {
        const first = planNext(view(now), predictionOf(now), noMemory, rules);
        return [first, planNext(view({ ...now, nowSec: at(1) }), predictionOf(now), first.memory, rules)];
      };
      const helpedPlans = plansOf(helped);
      expect(helpedPlans.flatMap(({ plan }) => movesOf(plan))).toEqual([]);
      expect(helpedPlans[1]!.plan.refusals.map(({ why }) => why)).toContain(
        'no move is over before it begins, and echoes carry it',
      );
      expect(plansOf(viewOf).flatMap(({ plan }) => movesOf(plan))).not.toEqual([]);
    });

    it('and where nobody could take it and no echo helps, the area is divided', () => {
      const areas = [
        { at: 0, reads: 140, writes: 0, becomes: steady, bytes: 2 ** 20 },
        ...spec.areas.filter((each) => each.at !== 0),
      ];
      const hot = { ...spec, areas };
      const view = { ...helped(hot), echoed: new Map() };
      const divisible = new Map([...view.areas].map(([id, each]) => [id, { ...each, isDivisible: true }]));
      const { steps } = planAfter(8, { ...view, areas: divisible }, predictionOf(hot), rules);
      expect(steps).toMatchObject([{ kind: 'split-area', area: 'area-0' }]);
    });

    it('a job is declared, moves where it will read are over when it begins, or are not begun', () => {
      const areas = spec.areas.map((each) => (each.at === 0 ? { ...each, reads: 6.5 } : each));
      const nearly = { ...spec, spread: 1.25, areas };
      // A move takes three quarters of an hour, and what is foreseen is never quite too much.
      const [price, easedPrice] = Array(2).fill({ perMove: 0, perHundredth: 0 });
      const slow = { ...rules, moveBytesPerSec: 400, price, easedPrice };
      const begunWith = (view: View, inSec: number): number => {
        const declared = new Map([['area-7', [view.nowSec - 60, view.nowSec + inSec]]]);
        return movesOf(planAfter(1, view, { ...predictionOf(nearly), declared }, slow)).length;
      };
      expect(begunWith(helped(nearly), 7200)).toBeGreaterThan(0);
      expect(begunWith(helped(nearly), 1200)).toBe(0);
      expect(begunWith(viewOf(nearly), 1200)).toBeGreaterThan(0);
      expect(begunWith(helped(nearly), -60)).toBeGreaterThan(0);
    });
  });

  it('there is time, a move waits until it has to begin', () => {
    const late = { ...rules, headStartSec: 0 };
    const [move] = movesOf(planAfter(3, viewOf(spec), predictionOf(spec), late));
    expect(move!.startInSec).toBeGreaterThan(600);
    const slow = movesOf(planAfter(3, viewOf(spec), predictionOf(spec), { ...late, moveBytesPerSec: 100 }));
    expect(slow.every(({ startInSec }) => startInSec === 0)).toBe(true);
  });

  it('a few hot bytes are enough, no more are moved', () => {
    const two = Array.from({ length: 2 }, () => ({ at: 0, reads: 36, writes: 1, becomes: grows, bytes: 2 ** 20 }));
    const hot = { ...spec, areas: [...two, ...spec.areas.filter(({ at }) => at !== 0)] };
    const [move] = movesOf(planAfter(3, viewOf(hot), predictionOf(hot), rules));
    expect(move!.isWhole).toBe(false);
    expect(move!.bytes).toBeLessThan(0.31 * 2 ** 20);
  });

  it('all partitions share one domain, nothing is moved, and it says why', () => {
    const view = viewOf(spec);
    const one = { ...view, partitions: view.partitions.map((each) => ({ ...each, capacityDomain: 'disk0' })) };
    const plan = planAfter(3, one, predictionOf(spec), movesOnly);
    expect(plan.steps).toEqual([]);
    let memory: Memory = noMemory;
    const refusals = [0, 60, 120].flatMap((later) => {
      const planned = planNext({ ...one, nowSec: one.nowSec + later }, predictionOf(spec), memory, movesOnly);
      ({ memory } = planned);
      return planned.plan.refusals;
    });
    expect(refusals.map(({ why }) => why)).toContain(
      'no partition of another capacity domain can take any of its load',
    );
  });

  it('writes pass what a partition may do, new blocks go elsewhere at once', () => {
    const writing: FleetSpec = {
      ...spec,
      areas: spec.areas.map((each) => ({ ...each, reads: 1, writes: each.at === 0 ? 7 : 1, becomes: steady })),
    };
    const { plan } = planNext(viewOf(writing), predictionOf(writing), noMemory, rules);
    expect(plan.steps.map(({ kind }) => kind)).toEqual(['re-home', 're-home', 're-home']);
  });

  it('the fleet is short for six of eight ticks, a partition comes from a pool, and not before', () => {
    const short: FleetSpec = { ...spec, areas: spec.areas.map((each) => ({ ...each, reads: 11.2, becomes: steady })) };
    const pool = {
      name: 'more',
      capacityDomain: 'p9',
      failureDomain: 'p9',
      capacity: { load: { readOps: 100 }, confidence: 1, source: 'quota' },
      left: 1,
    } as const;
    const view = { ...viewOf(short), pools: [pool] };
    let memory: Memory = noMemory;
    const kinds = Array.from({ length: 7 }, (_, tick) => {
      const planned = planNext({ ...view, nowSec: view.nowSec + 60 * tick }, predictionOf(short), memory, rules);
      ({ memory } = planned);
      return planned.plan.steps.some(({ kind }) => kind === 'grow');
    });
    expect(kinds).toEqual([false, false, false, false, false, true, false]);
  });
});
