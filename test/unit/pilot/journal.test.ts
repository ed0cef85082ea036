// The journal keeps decisions apart that differ, and keeps what they were made by, so that they can be made again.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keys, tag } from '../../../src/catalog/keys.ts';
import { decodeDecisionInput } from '../../../src/catalog/records/decision.ts';
import { digestOf, fromCanonical, toCanonical } from '../../../src/pilot/canonical.ts';
import { type DecisionInput, decide, planDigest, record, replay } from '../../../src/pilot/decide.ts';
import { Journal } from '../../../src/pilot/journal.ts';
import { noMemory, type Step, usualRules } from '../../../src/placement/placement.ts';
import { idOf, makeWorld, nowSec, type World } from './plan-world.ts';

let world: World;
let journal: Journal;
beforeEach(async () => {
  world = await makeWorld();
  journal = new Journal({ catalog: world.catalog, control: world.catalog });
});
afterEach(() => world.close());

const made = {
  ...{ atSec: nowSec, cause: 'tick' as const, mode: 'shadow' as const, epoch: 1, digest: 'd', planDigest: 'p' },
  ...{ steps: [], results: [], refusals: [] },
};
const move = (area: string, bytes: number): Step => ({
  ...{ kind: 'move', area, from: 'p1', to: 'p2', bytes, readShare: 0.5, isWhole: false, startInSec: 0 },
  because: { text: `p1 comes to ${bytes}` },
});
const shown = { outcome: 'shown' as const, because: 'it is a test', atSec: nowSec };

describe('the journal', () => {
  it('has one entry for calm ticks in a row, and its input is that of the first', async () => {
    const why = (share: string) => ({ ...made, refusals: [{ partition: 'p1', why: `at ${share} of what it can do` }] });
    await journal.add(why('0.91'), 'first');
    const again = await journal.add({ ...why('0.93'), atSec: nowSec + 60 }, 'second');
    expect([again.id, again.times, again.atSec, again.untilSec]).toEqual([1, 2, nowSec, nowSec + 60]);
    expect(await journal.inputOf(1)).toBe('first');
    const other = await journal.add(
      { ...made, refusals: [{ partition: 'p2', why: 'at 0.91 of what it can do' }] },
      'x',
    );
    expect(other.id).toBe(2);
    expect((await journal.add({ ...made, mode: 'auto' }, 'x')).id).toBe(3);
    expect((await journal.add({ ...made, mode: 'auto', epoch: 2 }, 'x')).id).toBe(4);
    expect((await journal.add({ ...made, mode: 'auto', epoch: 2, cause: 'asked' }, 'x')).id).toBe(5);
  });

  it('has one entry for a plan that nobody carries out, with its newest figures and input', async () => {
    const plan = (bytes: number) => ({ ...made, steps: [move('a1', bytes)], results: [shown] });
    await journal.add(plan(10), 'first');
    const again = await journal.add(plan(20), 'second');
    expect([again.id, again.times, again.steps]).toEqual([1, 2, [move('a1', 20)]]);
    expect(await journal.inputOf(1)).toBe('second');
    expect((await journal.add({ ...plan(20), steps: [move('a2', 20)] }, 'x')).id).toBe(2);
  });

  it('writes down what came of steps, and what was done is done no more in the same entry', async () => {
    const decision = await journal.add({ ...made, mode: 'auto', steps: [move('a1', 1)], results: [shown] }, 'x');
    await journal.settle(decision, [{ outcome: 'begun', because: 'it runs', atSec: nowSec }]);
    expect((await journal.find(1))!.results).toEqual([{ outcome: 'begun', because: 'it runs', atSec: nowSec }]);
    const next = await journal.add({ ...made, mode: 'auto', steps: [move('a1', 1)], results: [shown] }, 'x');
    expect(next.id).toBe(2);
  });

  it('keeps the inputs of the last decisions only, whole ones, and forgets entries after a month', async () => {
    const input = Array.from({ length: 40_000 }, (_, at) => Math.sin(at)).join(' ');
    for (let at = 0; at < 30; at++)
      await journal.add({ ...made, cause: 'asked', atSec: nowSec + at }, `${at} ${input}`);
    expect(await journal.inputOf(6)).toBeUndefined();
    expect(await journal.inputOf(30)).toBe(`29 ${input}`);
    expect((await journal.find(6))!.id).toBe(6);
    const pieces = await world.catalog.range(keys.first(tag.decisionInput), keys.first(0x98 as never), { limit: 1000 });
    expect(new Set(pieces.map(({ key }) => key.toString('hex', 1, 9))).size).toBe(24);
    expect(pieces.every(({ value }) => decodeDecisionInput(value).length > 0)).toBe(true);
    await journal.add({ ...made, atSec: nowSec + 31 * 86_400 }, 'x');
    expect((await journal.last(100)).map(({ id }) => id)).toEqual([31]);
  });

  it('says how many refusals it leaves out', async () => {
    const refusals = Array.from({ length: 250 }, (_, at) => ({ area: `a${at}`, why: 'it rests' }));
    const decision = await journal.add({ ...made, refusals }, 'x');
    expect([decision.refusals.length, decision.refusalsLeft]).toEqual([200, 50]);
    expect((await journal.add({ ...made, refusals }, 'x')).times).toBe(2);
  });
});

describe('canonical text', () => {
  const key = fc.stringMatching(/^[a-z]{1,4}$/);
  const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY));
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      number,
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.float64Array(),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
      fc.array(fc.tuple(key, tie('tree')), { maxLength: 4 }).map((entries) => new Map(entries)),
      fc.array(key, { maxLength: 4 }).map((each) => new Set(each)),
    ),
  }));

  it('reads back as what it was written from, and is the same when it is written again', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const text = toCanonical(value);
        expect(toCanonical(fromCanonical(text))).toBe(text);
        expect(fromCanonical(text)).toEqual(fromCanonical(toCanonical(structuredClone(value))));
      }),
    );
  });

  it('does not depend on the order in which things were put in', () => {
    expect(
      toCanonical({
        b: new Map([
          ['y', 1],
          ['x', 2],
        ]),
        a: [1],
      }),
    ).toBe(
      toCanonical({
        a: [1],
        b: new Map([
          ['x', 2],
          ['y', 1],
        ]),
      }),
    );
    expect(fromCanonical(toCanonical(new Map([['x', Float64Array.of(0.1, Number.NaN)]])))).toEqual(
      new Map([['x', Float64Array.of(0.1, Number.NaN)]]),
    );
    expect(toCanonical({ a: undefined, b: 1 })).toBe('{"b":1}');
  });
});

describe('a decision', () => {
  const viewOf = async () => {
    const sight = await world.view().read(nowSec, undefined);
    if (typeof sight === 'string') throw new Error(sight);
    return sight.view;
  };
  const input = async (): Promise<DecisionInput> => {
    await world.areas({ a1: 'p1', a2: 'p1' });
    const blocks = Array.from({ length: 60 }, (_, id) => ({ id, area: id % 3 ? 'a1' : 'a2', on: 'p1', bytes: 1e6 }));
    await world.blocks(blocks);
    // 105 reads a second, 45 of them of two blocks.
    await world.asked([{ readOps: 4000 }, { area: 'a2', readOps: 725 }]);
    const heat = (25 * 60) / Math.LN2;
    world.hottest.push({ block: idOf(1), area: 'a1', heat }, { block: idOf(2), area: 'a1', heat: 0.8 * heat });
    const trouble = { p1: [true, true] };
    return {
      view: await viewOf(),
      prediction: undefined,
      memory: { ...noMemory, trouble },
      rules: usualRules,
      cause: 'tick',
    };
  };

  it('comes out the same when it is made again by what was recorded, and says when it does not', async () => {
    const seen = await input();
    const { plan } = decide(seen);
    expect(plan.steps.length).toBeGreaterThan(0);
    const { text: bytes, digest } = record(seen);
    const text = bytes.toString('utf8');
    const known = { digest, planDigest: planDigest(plan) };
    expect(replay(text, known)).toEqual({ plan, isSameInput: true, isSamePlan: true });
    expect(replay(text.replace('"enter":0.85', '"enter":0.86'), known)).toMatchObject({ isSameInput: false });
    expect(replay(text, { ...known, planDigest: 'another' })).toMatchObject({ isSamePlan: false });
    const older = text.replace('"elastic"', '"stiff"');
    expect(replay(older, { ...known, digest: digestOf(older) })).toEqual({
      ...{ plan: undefined, isSameInput: true, isSamePlan: false },
    });
    const again = { ...seen, view: await viewOf() };
    expect(record(again).digest).toBe(digest);
  });
});
