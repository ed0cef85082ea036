// Histories to try the judges of linearizability on: true ones, made by letting every operation take effect at a moment between its
// start and its end; ways to spoil them; and the plainest judge there is, which tries every order.
import { type Act, absent, after, type Operation, type Value } from '../../chaos/support/register.ts';

export type Random = () => number;

export interface HistoryShape {
  readonly operations: number;
  /** About so many are open at once. */
  readonly clients: number;
  readonly kinds: readonly Act['kind'][];
  /** Of 1: answers that never came. */
  readonly lostShare?: number;
}

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

/** Every put has a value of its own, counted from 1. */
export function trueHistory(random: Random, { operations, clients, kinds, lostShare = 0 }: HistoryShape): Operation[] {
  const drafts = Array.from({ length: operations }, () => {
    const moment = random() * operations;
    return { moment, from: moment - random() * clients, to: moment + random() * clients };
  });
  drafts.sort((a, b) => a.moment - b.moment);
  const ticks = ticksOf(drafts.flatMap(({ from, to }) => [from, to]));
  let state = absent;
  const seen: Value[] = [absent];
  return drafts.map(({ from, to }, at) => {
    const asked = askedOf(pick(random, kinds), at + 1, pick(random, [state, state, ...seen.slice(-3)]), state);
    const isLost = asked.kind !== 'read' && random() < lostShare;
    const takesEffect = !isLost || random() < 0.5;
    const before = state;
    if (takesEffect) state = after(state, asked)!;
    if (state !== before) seen.push(state);
    const act = isLost && 'answer' in asked ? ({ ...asked, answer: 'lost' } as Act) : asked;
    return { act, start: ticks.get(from)!, end: isLost ? Number.POSITIVE_INFINITY : ticks.get(to)! };
  });
}

/** The act with the answer that this state gives. */
function askedOf(kind: Act['kind'], value: Value, expected: Value, state: Value): Act {
  switch (kind) {
    case 'read':
      return { kind, saw: state };
    case 'write':
      return { kind, value };
    case 'delete':
      return { kind };
    case 'create':
      return { kind, value, answer: state === absent ? 'done' : 'refused' };
    case 'swap': {
      const wanted = expected === absent ? value + 1_000_000 : expected; // an ETag that never was
      return {
        kind,
        expected: wanted,
        value,
        answer: state === wanted ? 'done' : state === absent ? 'absent' : 'differs',
      };
    }
    case 'remove':
      return { kind, expected, answer: state === expected || state === absent ? 'done' : 'differs' };
  }
}

function ticksOf(moments: readonly number[]): Map<number, number> {
  return new Map([...moments].sort((a, b) => a - b).map((moment, at) => [moment, at + 1]));
}

/** Some reads see what other states were, some answers are turned round: often, not always, wrong. */
export function spoiled(random: Random, history: readonly Operation[]): Operation[] {
  const values = [absent, ...history.flatMap(({ act }) => ('value' in act ? [act.value] : []))];
  return history.map((operation) => {
    const { act } = operation;
    if (random() > 0.25) return operation;
    if (act.kind === 'read') return { ...operation, act: { ...act, saw: pick(random, values) } };
    if (act.kind === 'create' && act.answer !== 'lost')
      return { ...operation, act: { ...act, answer: pick(random, ['done', 'refused']) } };
    if (act.kind === 'swap' && act.answer !== 'lost')
      return { ...operation, act: { ...act, answer: pick(random, ['done', 'differs', 'absent']) } };
    if (act.kind === 'remove' && act.answer !== 'lost')
      return { ...operation, act: { ...act, answer: pick(random, ['done', 'differs']) } };
    return operation;
  });
}

/** Tries every order; for a handful of operations. */
export function someOrderHolds(left: readonly Operation[], state: Value = absent): boolean {
  if (left.every(({ end }) => end === Number.POSITIVE_INFINITY)) return true;
  const firstEnd = Math.min(...left.map(({ end }) => end));
  return left.some((operation) => {
    if (operation.start > firstEnd) return false; // another one ended before it began
    const next = after(state, operation.act);
    return next !== undefined && someOrderHolds(left.filter((other) => other !== operation), next); // biome-ignore format: one thought
  });
}
