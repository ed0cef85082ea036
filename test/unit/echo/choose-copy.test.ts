// Which copy is read: the rules of control.md §5, on made-up partitions.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Copy, chooseCopy as choose, troubleOf } from '../../../src/echo/choose-copy.ts';

const copy = (partition: string, part: Partial<Copy> = {}): Copy => ({
  ...{ partition, state: 'up', inFlight: 0, limit: 32, backlogMs: 0, latencyMs: 10, isSlow: false },
  ...part,
});
const chooseCopy = (primary: Copy, echoes: readonly Copy[], usual: () => number, two: readonly [number, number]) =>
  choose(primary, echoes, troubleOf(primary, { inFlight: usual, backlogMs: () => 30 }), two);
const names = ({ order }: { order: readonly Copy[] }) => order.map(({ partition }) => partition);
const dice = [0, 0] as const;

describe('the primary', () => {
  const echo = copy('e1');

  it('is read while it does well, however idle its echoes are', () => {
    expect(chooseCopy(copy('p', { inFlight: 24 }), [echo], () => 0, dice)).toMatchObject({ because: 'primary-well' });
    expect(names(chooseCopy(copy('p', { inFlight: 24 }), [echo], () => 0, dice))).toEqual(['p', 'e1']);
  });

  it('is read although it is busy where all are as busy', () => {
    expect(chooseCopy(copy('p', { inFlight: 100 }), [echo], () => 100, dice).because).toBe('primary-well');
    expect(chooseCopy(copy('p', { inFlight: 101 }), [echo], () => 100, dice).because).toBe('primary-busy');
  });

  it('is left for an echo when its quota has half a burst to work off, unless that is usual', () => {
    const because = (backlogMs: number, usualMs: number) =>
      troubleOf(copy('p', { backlogMs }), { inFlight: () => 0, backlogMs: () => usualMs });
    expect([because(50, 0), because(51, 0), because(80, 80), because(81, 80)]).toEqual([
      ...[undefined, 'primary-busy', undefined, 'primary-busy'],
    ]);
  });

  it('is left for an echo when it is busy, slow, failing or down, and asked before nobody is', () => {
    const troubles = {
      'primary-busy': { inFlight: 25 },
      'primary-slow': { isSlow: true, latencyMs: 30 },
      'primary-failing': { state: 'struggling' },
      'primary-down': { state: 'down' },
    } as const;
    for (const [because, part] of Object.entries(troubles)) {
      const choice = chooseCopy(copy('p', part), [echo], () => 0, dice);
      expect([choice.because, names(choice)]).toEqual([because, ['e1', 'p']]);
      const alone = chooseCopy(copy('p', part), [copy('e1', { state: 'down' })], () => 0, dice);
      expect(names(alone)).toEqual(['p']);
      expect(alone.because).toBe(because === 'primary-down' ? 'primary-down' : 'no-echo');
    }
  });
});

it('an echo that would have it wait longer than the busy primary is no help', () => {
  const busy = copy('p', { backlogMs: 80 });
  expect(names(chooseCopy(busy, [copy('e', { backlogMs: 100 })], () => 0, dice))).toEqual(['p', 'e']);
  expect(names(chooseCopy(busy, [copy('e', { backlogMs: 79 })], () => 0, dice))).toEqual(['e', 'p']);
});

it('an echo that would take twice as long as the slow primary is no help', () => {
  const slow = copy('p', { isSlow: true, latencyMs: 60 });
  const first = (echo: Partial<Copy>) => names(chooseCopy(slow, [copy('e', echo)], () => 0, dice))[0];
  expect(first({ latencyMs: 119 })).toBe('e');
  expect(first({ latencyMs: 121 })).toBe('p'); // a far one
  expect(first({ latencyMs: 20, backlogMs: 145 })).toBe('e');
  expect(first({ latencyMs: 20, backlogMs: 155 })).toBe('p');
  expect(first({ latencyMs: Number.NaN })).toBe('e');
});

describe('of echoes', () => {
  const busy = copy('p', { inFlight: 100, backlogMs: 200 });

  it('the less busy of two is read, of equally busy ones the faster, of equal ones the nearer', () => {
    const cases: [Partial<Copy>, Partial<Copy>, string][] = [
      [{ inFlight: 3 }, { inFlight: 2, latencyMs: 99 }, 'b'],
      [{ inFlight: 1, backlogMs: 70 }, { inFlight: 2, backlogMs: 60 }, 'b'],
      [{ inFlight: 1, backlogMs: 40 }, { inFlight: 2, backlogMs: 10 }, 'a'],
      [{ inFlight: 2 }, { inFlight: 2, latencyMs: 5 }, 'b'],
      [{ inFlight: 2 }, { inFlight: 2 }, 'a'],
    ];
    for (const [a, b, first] of cases) {
      for (const one of [0, 0.99]) {
        const choice = chooseCopy(busy, [copy('a', a), copy('b', b)], () => 0, [one, 0]);
        if (first !== 'a' || one === 0) expect(names(choice)[0]).toBe(first);
      }
    }
  });

  it('all get their part where all are alike', () => {
    const echoes = ['a', 'b', 'c', 'd'].map((name) => copy(name));
    const counts = new Map<string, number>();
    for (let one = 0; one < 1; one += 0.05) {
      for (let other = 0; other < 1; other += 0.05) {
        const [first] = names(chooseCopy(busy, echoes, () => 0, [one, other]));
        counts.set(first!, (counts.get(first!) ?? 0) + 1);
      }
    }
    for (const name of ['a', 'b', 'c', 'd']) expect(counts.get(name)).toBeGreaterThan(60);
  });
});

it('every copy that is there is tried once, the primary always', () => {
  const any = (partition: string): fc.Arbitrary<Copy> =>
    fc.record({
      partition: fc.constant(partition),
      state: fc.constantFrom('up' as const, 'struggling' as const, 'down' as const),
      inFlight: fc.nat(200),
      limit: fc.integer({ min: 4, max: 200 }),
      latencyMs: fc.oneof(fc.constant(Number.NaN), fc.integer({ min: 1, max: 1000 })),
      backlogMs: fc.constantFrom(0, 40, 80),
      isSlow: fc.boolean(),
    });
  const number = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(
      any('p'),
      fc.array(fc.constantFrom('a', 'b', 'c', 'd').chain(any), { maxLength: 4 }),
      fc.nat(200),
      fc.tuple(number, number),
      (primary, some, usual, two) => {
        const echoes = [...new Map(some.map((each) => [each.partition, each])).values()];
        const choice = chooseCopy(primary, echoes, () => usual, two);
        const there = echoes.filter(({ state }) => state !== 'down').map(({ partition }) => partition);
        expect(names(choice).sort()).toEqual([...there, 'p'].sort());
        if (choice.because === 'primary-well') expect(names(choice)[0]).toBe('p');
        else if (['primary-busy', 'primary-slow'].includes(choice.because))
          expect([names(choice)[0], names(choice).at(-1)]).toContain('p');
        else if (there.length > 0) expect(names(choice).at(-1)).toBe('p');
      },
    ),
  );
});
