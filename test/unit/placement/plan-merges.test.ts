// Who lets partitions go: only those of a pool, after calm that was measured; a forecast may object, never urge.
import { expect, it } from 'vitest';
import { noMemory, planNext, type Step, type View } from '../../../src/placement/placement.ts';
import { planMerges } from '../../../src/placement/plan-merges.ts';
import { viewOf } from './fleets.ts';
import { busy, type Change, calm, day, drainsAfter, fleetOf, hours, knowing, seen } from './leaving.ts';
import { rules } from './ticks.ts';

it('goes when the others could have had its load for a day', () => {
  expect(drainsAfter(2 * day, () => calm)).toBe(day);
  expect(drainsAfter(2 * day, () => busy)).toBeUndefined();
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

it('what nobody saw was not calm', () => {
  let memory = knowing;
  const drainsAt = (minute: number): boolean => {
    const planned = planNext({ ...seen(calm, {}), nowSec: 1_000_000 + 60 * minute }, undefined, memory, rules);
    ({ memory } = planned);
    return planned.plan.steps.some(({ kind }) => kind === 'drain');
  };
  expect([0, day, day + 1, 2 * day, 3 * day].map(drainsAt)).toEqual([false, false, false, false, false]);
  expect(Array.from({ length: day + 1 }, (_, at) => drainsAt(3 * day + at)).indexOf(true)).toBe(day);
});

it('a partition may have any name', () => {
  const names = seen(busy, {}).partitions.map((each, at) => (at === 0 ? { ...each, id: 'constructor' } : each));
  const view = { ...seen(busy, {}), partitions: names };
  expect(planNext(view, undefined, noMemory, rules).plan.steps).toEqual([]);
});

it('stays while an operator wants it', () => {
  expect(drainsAfter(2 * day, () => calm, { last: { by: 'operator' } })).toBeUndefined();
  expect(drainsAfter(2 * day, () => calm, { last: { by: 'plan' } })).toBe(day);
});

it('stays while somebody is short, or load goes there', () => {
  const reason = { because: { text: 'a test wants it' } };
  const area = 'area-0';
  const move = {
    ...reason,
    kind: 'move',
    area,
    from: 'p1',
    bytes: 1,
    readShare: 1,
    isWhole: true,
    startInSec: 0,
  } as const;
  const reHome = { ...reason, kind: 're-home', area, from: [] } as const;
  const drains = (by: { steps?: readonly Step[]; isShort?: boolean; underWay?: View['underWay'] }): boolean => {
    const view = { ...seen(calm, {}), underWay: by.underWay ?? [] };
    const calmSinceSec = { merge: view.nowSec - 86_400 };
    const merging = { view, ahead: undefined, rules, isElastic: false, hours, calmSinceSec, isShort: false, steps: [] };
    return planMerges({ ...merging, ...by }).steps.some(({ kind }) => kind === 'drain');
  };
  expect(drains({})).toBe(true);
  expect(drains({ isShort: true })).toBe(false);
  expect(drains({ steps: [{ ...move, to: 'p3' }] })).toBe(false);
  expect(drains({ steps: [{ ...move, to: 'p2' }] })).toBe(true);
  expect(drains({ steps: [{ ...reHome, to: [{ partition: 'p3', weight: 1 }] }] })).toBe(false);
  expect(drains({ steps: [{ ...reHome, to: [{ partition: 'p2', weight: 1 }] }] })).toBe(true);
  const going = { kind: 'move', area, from: 'p1', to: 'p3', bytesLeft: 1, readShareLeft: 1 } as const;
  expect(drains({ underWay: [going] })).toBe(false);
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
