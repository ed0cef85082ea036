// What is planned is carried out only in the mode, and at the moment, in which it may be.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../../src/base/fault.ts';
import { keys } from '../../../src/catalog/keys.ts';
import { encodeArea } from '../../../src/catalog/records/area.ts';
import type { Capacity } from '../../../src/model/capacity.ts';
import { noMetadata } from '../../../src/model/metadata.ts';
import type { ActResult } from '../../../src/pilot/acts.ts';
import { type Decision, Journal } from '../../../src/pilot/journal.ts';
import { PlanKeeper } from '../../../src/pilot/plan-keeper.ts';
import { type Step, usualRules } from '../../../src/placement/placement.ts';
import { bucket, idOf, makeWorld, type World } from './plan-world.ts';

let world: World;
let acted: Step[];
let answer: ActResult | Error;
let counted: string[];
beforeEach(async () => {
  world = await makeWorld();
  acted = [];
  counted = [];
  answer = { outcome: 'begun', because: 'it runs' };
  await world.areas({ a1: 'p1', a2: 'p1' });
  await world.blocks(Array.from({ length: 60 }, (_, id) => ({ id, area: id % 3 ? 'a1' : 'a2', on: 'p1', bytes: 1e6 })));
  const heat = (25 * 60) / Math.LN2;
  world.hottest.push({ block: idOf(1), area: 'a1', heat }, { block: idOf(2), area: 'a1', heat: 0.8 * heat });
});
afterEach(() => world.close());

/** Of what p1 may: 105 reads a second of 100. */
const tooMuch = () => world.asked([{ readOps: 4000 }, { area: 'a2', readOps: 725 }]);

function keeperOf(mode: Decision['mode']): PlanKeeper {
  const { catalog, clock } = world;
  return new PlanKeeper({
    ...{ catalog, clock, mode, control: catalog, logged: catalog, everyMs: 60_000, epoch: 7, rules: usualRules },
    view: world.view(),
    forecasts: { current: () => ({ forecast: undefined, because: 'a test has none' }) },
    declared: noMetadata,
    journal: new Journal({ catalog, control: catalog }),
    acts: {
      async carryOut(step) {
        acted.push(step);
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    onPlan: (cause) => counted.push(cause),
    onStep: (kind, outcome) => counted.push(`${kind} ${outcome}`),
  });
}

async function ticks(keeper: PlanKeeper, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    await tooMuch();
    await keeper.tick();
    world.clock.nowSec += 60;
  }
}

const newest = async (): Promise<Decision> =>
  (await new Journal({ catalog: world.catalog, control: world.catalog }).last(1))[0]!;

describe('a pilot in mode', () => {
  it('auto carries out what it planned in the second of two bad ticks, once, and writes down what came of it', async () => {
    const keeper = keeperOf('auto');
    await ticks(keeper, 1);
    expect(acted).toEqual([]);
    await ticks(keeper, 1);
    expect(acted).toMatchObject([{ kind: 'move', area: 'a1', from: 'p1', to: 'p2' }]);
    expect(await newest()).toMatchObject({
      mode: 'auto',
      epoch: 7,
      results: [{ outcome: 'begun', because: 'it runs' }],
    });
    expect(counted).toEqual(['tick', 'tick', 'move begun']);
    // The area rests now: the other one has its turn.
    await ticks(keeper, 2);
    expect(acted).toMatchObject([{ area: 'a1' }, { area: 'a2' }]);
    expect((await keeper.status()).scores[0]).toMatchObject({ partition: 'p1' });
  });

  it('auto remembers over a restart what it saw and did', async () => {
    await ticks(keeperOf('auto'), 1);
    await ticks(keeperOf('auto'), 1);
    expect(acted.length).toBe(1);
    await ticks(keeperOf('auto'), 2);
    expect(acted).toMatchObject([{ area: 'a1' }, { area: 'a2' }]);
  });

  it('auto tries again what was refused, and tells why', async () => {
    answer = { outcome: 'refused', because: 'p2 is full' };
    const keeper = keeperOf('auto');
    await ticks(keeper, 3);
    expect(acted.length).toBe(2);
    answer = new Error('the disk is gone');
    await ticks(keeper, 1);
    expect((await newest()).results).toMatchObject([{ outcome: 'refused', because: 'it failed: the disk is gone' }]);
  });

  it('auto ends when somebody else leads', async () => {
    const keeper = keeperOf('auto');
    await ticks(keeper, 1);
    answer = new Fault({ kind: 'session-fenced' });
    await expect(ticks(keeper, 1)).rejects.toThrow();
  });

  it('auto only shows what it would do between partitions of which little is known', async () => {
    const guessed: Capacity = { load: { readOps: 100 }, confidence: 0.4, source: 'estimate' };
    world.capacities.set('p2', guessed);
    await ticks(keeperOf('auto'), 3);
    expect(acted).toEqual([]);
  });

  it('auto empties a partition that drains, though nobody knows what it can do', async () => {
    world.capacities.delete('p1');
    world.places.set('p1', { ...world.places.get('p1')!, duty: 'draining' });
    await ticks(keeperOf('auto'), 1);
    expect(acted).toContainEqual(expect.objectContaining({ kind: 'move', from: 'p1', to: 'p2' }));
  });

  it('shadow carries out nothing, and goes on seeing the same', async () => {
    const keeper = keeperOf('shadow');
    await ticks(keeper, 5);
    expect(acted).toEqual([]);
    const { times, steps, results } = await newest();
    expect([times, steps.length, results[0]!.because]).toEqual([4, 1, expect.stringMatching(/pilot.mode is shadow/)]);
    await expect(keeper.apply((await newest()).id)).rejects.toThrow(/only shows its plans \(pilot.mode is shadow\)/);
  });

  it('off does not plan by itself, but shows what it would do', async () => {
    const keeper = keeperOf('off');
    await ticks(keeper, 3);
    expect(await newest()).toBeUndefined();
    const { decision } = await keeper.plan('asked');
    expect([decision.cause, decision.mode]).toEqual(['asked', 'off']);
  });

  it('any plans nothing while nobody watches, and says so', async () => {
    const keeper = keeperOf('auto');
    await keeper.tick();
    expect((await keeper.status()).because).toMatch(/nothing was measured/);
    await expect(keeper.plan('asked')).rejects.toThrow(/no plan can be made: nothing was measured/);
  });
});

describe('a paused pilot', () => {
  it('begins nothing, also after a restart, until it is told to', async () => {
    await keeperOf('auto').pause(true);
    await ticks(keeperOf('auto'), 3);
    expect(acted).toEqual([]);
    expect(await newest()).toMatchObject({ results: [{ outcome: 'shown', because: 'the pilot is paused' }] });
    const keeper = keeperOf('auto');
    expect((await keeper.status()).isPaused).toBe(true);
    await expect(keeper.apply((await newest()).id)).rejects.toThrow(/is paused/);
    await keeper.pause(false);
    await ticks(keeper, 1);
    expect(acted.length).toBe(1);
  });
});

describe('a plan that is applied', () => {
  const planned = async (): Promise<[PlanKeeper, Decision]> => {
    const keeper = keeperOf('plan');
    await ticks(keeper, 2);
    expect(acted).toEqual([]);
    await tooMuch();
    return [keeper, await newest()];
  };

  it('is carried out once', async () => {
    const [keeper, { id }] = await planned();
    expect((await keeper.apply(id)).results).toMatchObject([{ outcome: 'begun' }]);
    expect(acted.length).toBe(1);
    await expect(keeper.apply(id)).rejects.toThrow(/carried out already/);
    // The area rests now.
    await ticks(keeper, 1);
    expect((await newest()).steps.filter((step) => 'area' in step && step.area === 'a1')).toEqual([]);
    await expect(keeper.apply(99)).rejects.toThrow(/there is no plan 99/);
  });

  it('is refused when it is old', async () => {
    const [keeper, { id }] = await planned();
    world.clock.nowSec += 700;
    await tooMuch();
    await expect(keeper.apply(id)).rejects.toThrow(/stale: it is 12|stale: it is 13 minutes old/);
    expect(acted).toEqual([]);
  });

  it.each([
    [
      'its target drains',
      /p2 is draining now/,
      async () => void world.places.set('p2', { ...world.places.get('p2')!, duty: 'draining' }),
    ],
    [
      'its source is down',
      /p1 is down/,
      async () => void world.places.set('p1', { ...world.places.get('p1')!, isUp: false }),
    ],
    ['its target is gone', /no partition p2 any more/, async () => void world.places.delete('p2')],
    [
      'the area was re-homed',
      /area a1 has other homes now/,
      async () => {
        const row = encodeArea({ id: 'a1', homes: [{ partition: 'p2', weight: 1 }] });
        await world.catalog.commit({ checks: [], writes: [[keys.area(bucket, 'a1'), row]] });
      },
    ],
    [
      'the area is no more',
      /area a1 is no more/,
      async () => void (await world.catalog.commit({ checks: [], writes: [[keys.area(bucket, 'a1'), undefined]] })),
    ],
    [
      'most of it went elsewhere',
      /p1 holds 0 bytes of area a1 now, not 40000000/,
      () =>
        world.blocks(Array.from({ length: 60 }, (_, id) => ({ id, area: id % 3 ? 'a1' : 'a2', on: 'p2', bytes: 1e6 }))),
    ],
  ])('is refused when %s', async (_name, why, change) => {
    const [keeper, { id }] = await planned();
    await change();
    await expect(keeper.apply(id)).rejects.toThrow(why);
    expect(acted).toEqual([]);
  });

  it('to level the fleet needs no threshold', async () => {
    const keeper = keeperOf('plan');
    await world.asked([{ readOps: 60 }]);
    const { decision } = await keeper.plan('rebalance');
    expect(decision.steps[0]).toMatchObject({ kind: 'move', from: 'p1', to: 'p2' });
    expect((await keeper.apply(decision.id)).results[0]).toMatchObject({ outcome: 'begun' });
  });
});
