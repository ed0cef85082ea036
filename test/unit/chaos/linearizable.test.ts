// The judges of linearizability, judged: they agree with the plainest judge there is, and see every fault put in on purpose.
import { describe, expect, test } from 'vitest';
import { OrderSearch, zonesHold } from '../../chaos/support/linearizable.ts';
import { type Act, absent, type Operation } from '../../chaos/support/register.ts';
import { seeded } from '../../support/trial.ts';
import { type HistoryShape, type Random, someOrderHolds, spoiled, trueHistory } from './histories.ts';

const everyKind: Act['kind'][] = ['read', 'read', 'read', 'write', 'delete', 'create', 'swap', 'swap', 'remove'];
const searchHolds = (history: readonly Operation[]): boolean => new OrderSearch().add(history);

/** The batches that a driver would make: cut wherever nothing but lost operations is open. */
function inBatches(history: readonly Operation[]): Operation[][] {
  const batches: Operation[][] = [];
  let latestEnd = Number.NEGATIVE_INFINITY;
  for (const operation of [...history].sort((a, b) => a.start - b.start)) {
    if (operation.start > latestEnd) batches.push([]);
    batches.at(-1)!.push(operation);
    if (operation.end !== Number.POSITIVE_INFINITY) latestEnd = Math.max(latestEnd, operation.end);
  }
  return batches;
}

function searchHoldsInBatches(history: readonly Operation[]): boolean {
  const search = new OrderSearch();
  return inBatches(history).every((batch) => search.add(batch));
}

function tally(rounds: number, seed: number, one: (random: Random) => boolean): { held: number; broken: number } {
  const random = seeded(seed);
  const held = Array.from({ length: rounds }, () => one(random)).filter(Boolean).length;
  return { held, broken: rounds - held };
}

describe('the search', () => {
  test.each<HistoryShape>([
    { operations: 5, clients: 2, kinds: everyKind },
    { operations: 6, clients: 4, kinds: everyKind },
    { operations: 6, clients: 3, kinds: everyKind, lostShare: 0.3 },
  ])('agrees with trying every order: %o', (shape) => {
    const { held, broken } = tally(1000, 1, (random) => {
      const history = spoiled(random, trueHistory(random, shape));
      const holds = someOrderHolds(history);
      expect(searchHolds(history)).toBe(holds);
      expect(searchHoldsInBatches(history)).toBe(holds);
      return holds;
    });
    expect(Math.min(held, broken)).toBeGreaterThan(100); // both answers were asked for
  });

  test.each<HistoryShape>([
    { operations: 2000, clients: 4, kinds: everyKind },
    { operations: 2000, clients: 2, kinds: everyKind, lostShare: 0.002 },
  ])('accepts what is true: %o', (shape) => {
    expect(tally(20, 2, (random) => searchHoldsInBatches(trueHistory(random, shape)))).toEqual({ held: 20, broken: 0 });
  });

  test('forgets lost operations that were seen to take effect', () => {
    const search = new OrderSearch();
    expect(search.add([{ act: { kind: 'write', value: 1 }, start: 1, end: Number.POSITIVE_INFINITY }])).toBe(true);
    expect(search.lost).toBe(1);
    expect(search.add([{ act: { kind: 'read', saw: 1 }, start: 2, end: 3 }])).toBe(true);
    expect([search.lost, search.states]).toEqual([0, [1]]);
    expect(search.add([{ act: { kind: 'read', saw: absent }, start: 4, end: 5 }])).toBe(false);
  });
});

describe('zones', () => {
  test.each<HistoryShape>([
    { operations: 6, clients: 2, kinds: ['read', 'write'] },
    { operations: 6, clients: 4, kinds: ['read', 'read', 'write'] },
    { operations: 6, clients: 3, kinds: ['read', 'write'], lostShare: 0.3 },
  ])('agree with trying every order: %o', (shape) => {
    const { held, broken } = tally(1000, 3, (random) => {
      const history = spoiled(random, trueHistory(random, shape));
      const holds = someOrderHolds(history);
      expect(zonesHold(history)).toBe(holds);
      return holds;
    });
    expect(Math.min(held, broken)).toBeGreaterThan(100);
  });

  test('agree with the search on long histories', () => {
    const shape: HistoryShape = { operations: 300, clients: 4, kinds: ['read', 'read', 'write'] };
    const { broken } = tally(200, 4, (random) => {
      const history = trueHistory(random, shape);
      const wrong = random() < 0.5 ? history : withOne(random, history, staleRead)!;
      const holds = searchHoldsInBatches(wrong);
      expect(zonesHold(wrong)).toBe(holds);
      return holds;
    });
    expect(broken).toBeGreaterThan(50);
  });

  test('judge 100,000 operations of 64 clients on one key at once', () => {
    const history = trueHistory(seeded(5), { operations: 100_000, clients: 64, kinds: ['read', 'write'] });
    expect(zonesHold(history)).toBe(true);
  });
});

type Fault = (before: Operation, operation: Operation, history: readonly Operation[]) => Act | undefined;

/** A read of a value that was overwritten, by a put that had ended, before the read began. */
const staleRead: Fault = (put, { act, start }, history) =>
  act.kind === 'read' &&
  put.act.kind === 'write' &&
  history.some(({ act: other, start: from, end }) => other.kind === 'write' && from > put.end && end < start)
    ? { kind: 'read', saw: put.act.value }
    : undefined;

/** A deleted value is back: the delete had ended before the read began, and began when the put had ended. */
const resurrection: Fault = (put, { act, start }, history) =>
  act.kind === 'read' &&
  put.act.kind === 'write' &&
  history.some(({ act: other, start: from, end }) => other.kind === 'delete' && from > put.end && end < start)
    ? { kind: 'read', saw: put.act.value }
    : undefined;

/** Two swaps of one state that were both told they had won: the second one's expected value is gone, and never put again. */
const lostUpdate: Fault = (swap, { act }) =>
  act.kind === 'swap' && act.answer !== 'done' && swap.act.kind === 'swap' && swap.act.answer === 'done'
    ? { ...act, expected: swap.act.expected, answer: 'done' }
    : undefined;

/** The same history with the fault in a random place that offers itself. */
function withOne(random: Random, history: readonly Operation[], fault: Fault): Operation[] | undefined {
  for (let tries = 0; tries < 20_000; tries++) {
    const at = Math.floor(random() * history.length);
    const before = history[Math.floor(random() * history.length)]!;
    const act = fault(before, history[at]!, history);
    if (act !== undefined) return history.with(at, { ...history[at]!, act });
  }
  return undefined;
}

describe('faults put in on purpose', () => {
  test.each<[string, Fault, Act['kind'][]]>([
    ['stale reads', staleRead, ['read', 'read', 'write']],
    ['stale reads among everything else', staleRead, everyKind],
    ['resurrected deletes', resurrection, ['read', 'read', 'write', 'delete']],
    ['resurrected deletes among everything else', resurrection, everyKind],
    ['lost updates', lostUpdate, ['read', 'swap', 'swap', 'create']],
  ])('%s are seen, 200 of 200', (_name, fault, kinds) => {
    const seen = tally(200, 6, (random) => {
      const history = trueHistory(random, { operations: 200, clients: 3, kinds });
      expect(searchHoldsInBatches(history)).toBe(true);
      const wrong = withOne(random, history, fault);
      if (wrong === undefined) throw new Error('no place for the fault');
      return searchHoldsInBatches(wrong);
    });
    expect(seen).toEqual({ held: 0, broken: 200 });
  });
});
