// What planners see is what the catalog and the counters say, as of now.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keys } from '../../../src/catalog/keys.ts';
import { encodeArea } from '../../../src/catalog/records/area.ts';
import type { FleetForecast } from '../../../src/forecast/forecast.ts';
import type { Echo } from '../../../src/model/echo.ts';
import { eachFlow } from '../../../src/model/load.ts';
import type { Sight } from '../../../src/pilot/read-view.ts';
import { latencySteps, stepOf } from '../../../src/telemetry/latency-steps.ts';
import { bucket, idOf, makeWorld, nowSec, type World } from './plan-world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const see = async (forecast?: FleetForecast, reader = world.view()): Promise<Sight> => {
  const sight = await reader.read(world.clock.nowSec, forecast);
  if (typeof sight === 'string') throw new Error(sight);
  return sight;
};
const heatOf = (readsPerSec: number): number => (readsPerSec * 60) / Math.LN2;
const at = (list: readonly { readonly area: string; readonly partition: string }[], area: string, partition: string) =>
  list.find((each) => each.area === area && each.partition === partition) as never;

describe('a view', () => {
  it('has what is asked of partitions and areas per second, what they hold, and what they do besides', async () => {
    await world.areas({ a1: 'p1', a2: 'p2' });
    await world.blocks([
      { id: 1, area: 'a1', on: 'p1', bytes: 1000 },
      { id: 2, area: 'a1', on: 'p2', bytes: 3000 },
      { id: 3, area: 'a2', on: 'p2', bytes: 500 },
    ]);
    const upkeep = { partition: 'p2', cause: 'upkeep' as const, writeBytes: 6000 };
    const asked = [
      { readOps: 600, readBytes: 6000 },
      { area: 'a2', partition: 'p2', writeOps: 60 },
    ];
    // Half of the newest minute has been counted: sums of it are halves.
    await world.asked(asked, 6, [upkeep, { readOps: 600 }]);
    const { view } = await see();
    // 90 seconds were watched in the last two bins, with the counts of two minutes.
    expect(view.partitions.map(({ id, demand, storedBytes }) => [id, demand.readOps, storedBytes])).toEqual([
      ['p1', expect.closeTo(1200 / 90), 1000],
      ['p2', 0, 3500],
    ]);
    expect(view.areas.get('a2')).toMatchObject({
      homes: [{ partition: 'p2', weight: 1 }],
      demand: { writeOps: expect.closeTo(120 / 90) },
    });
    expect(view.partitions.map(({ ownWork }) => ownWork.writeBytes)).toEqual([0, expect.closeTo(12_000 / 90)]);
    const held = view.holdings.map(({ area, partition, bytes, readShare }) => [area, partition, bytes, readShare]);
    expect(held.sort()).toEqual([
      ['a1', 'p1', 1000, 1],
      ['a1', 'p2', 3000, 0],
      ['a2', 'p2', 500, 1],
    ]);
  });

  it('is none while nobody watches: an outage is no calm', async () => {
    await world.areas({ a1: 'p1' });
    await world.blocks([]);
    await world.asked([{ readOps: 600 }]);
    world.clock.nowSec += 270;
    expect(await world.view().read(world.clock.nowSec, undefined)).toMatch(/nothing was measured/);
  });

  it('is none before blocks were counted', async () => {
    await world.asked([{ readOps: 600 }]);
    expect(await world.view().read(nowSec, undefined)).toMatch(/still being counted \(0 blocks/);
  });

  it('says how near latency is to what the operator wants, of those that did enough to tell', async () => {
    await world.areas({ a1: 'p1' });
    await world.blocks([]);
    const took = (ms: number, count: number) =>
      Array.from({ length: latencySteps }, (_, at) => (at === stepOf(ms) ? count : 0));
    const clients = [
      { latency: took(40, 200) },
      { partition: 'p2', latency: took(40, 10) },
      { cause: 'upkeep' as const, latency: took(5000, 1000) },
    ];
    await world.asked([{ readOps: 600 }], 6, clients);
    const pressures = async () => (await see()).view.partitions.map(({ latencyPressure }) => latencyPressure);
    expect(await pressures()).toEqual([undefined, undefined]);
    for (const [id, place] of world.places) world.places.set(id, { ...place, latencyTargetMs: 20 });
    // Steps of a factor of √2: right within a fifth or so.
    expect(await pressures()).toEqual([expect.closeTo(2.56, 9), undefined]);
  });

  it('tells the hottest blocks of a holding apart, and leaves the rest flat', async () => {
    await world.areas({ a1: 'p1' });
    await world.blocks([
      { id: 1, area: 'a1', on: 'p1', bytes: 100 },
      { id: 2, area: 'a1', on: 'p1', bytes: 100 },
      { id: 3, area: 'a1', on: 'p1', bytes: 1800 },
    ]);
    await world.asked([{ readOps: 600 }], 6);
    world.hottest.push(
      { block: idOf(2), area: 'a1', heat: heatOf(5) },
      { block: idOf(1), area: 'a1', heat: heatOf(2) },
    );
    const { view } = await see();
    const { heat } = at(view.holdings, 'a1', 'p1') as { heat: readonly { reads: number; bytes: number }[] };
    const perSec = 1200 / 90;
    expect(heat).toEqual([
      { reads: expect.closeTo(5 / perSec), bytes: 0.05 },
      { reads: expect.closeTo(2 / perSec), bytes: 0.05 },
      { reads: expect.closeTo(1 - 7 / perSec), bytes: 0.9 },
    ]);
  });

  it('has what ready echoes could answer, and not what others could', async () => {
    await world.areas({ a1: 'p1' });
    await world.blocks([{ id: 1, area: 'a1', on: 'p1', bytes: 100 }]);
    await world.asked([{ readOps: 600 }]);
    world.hottest.push({ block: idOf(1), area: 'a1', heat: heatOf(3) });
    const echo = (partition: string, state: Echo['state']): Echo => ({
      ...{ block: idOf(1), partition, state, length: 100, sinceMs: 0, isPinned: false },
    });
    const echoes = new Map([[idOf(1), [echo('p2', 'ready'), echo('p3', 'filling')]]]);
    const { view } = await see(undefined, world.view({ echoesOf: async () => echoes }));
    const { reads, holders } = view.echoed.get('p1')!;
    expect(reads).toBeCloseTo(3 / (1200 / 90));
    expect([...holders]).toEqual([['p2', reads]]);
  });

  it('says which areas cannot be divided: those of one key, and those that are asked for one block', async () => {
    await world.areas({ a1: 'p1', a2: 'p1', a3: 'p2' });
    const key = (name: string) => [keys.current(bucket, name), Buffer.of(1)] as const;
    await world.catalog.commit({ checks: [], writes: ['a1x', 'a2x', 'a2y', 'a3x', 'a3y'].map(key) });
    await world.blocks([{ id: 1, area: 'a3', on: 'p2', bytes: 100 }]);
    await world.asked([{ readOps: 60 }, { area: 'a2', readOps: 60 }, { area: 'a3', partition: 'p2', readOps: 600 }]);
    world.hottest.push({ block: idOf(1), area: 'a3', heat: heatOf(9) });
    const { view } = await see();
    expect([...view.areas].map(([id, { isDivisible }]) => [id, isDivisible])).toEqual([
      ['a1', false],
      ['a2', true],
      ['a3', false],
    ]);
  });
});

describe('where demand falls', () => {
  const usual = (shares: Record<string, number>): FleetForecast => {
    const known = new Map(Object.entries(shares).map(([id, share]) => [id, eachFlow(() => share)]));
    const expected = { steps: 0, areas: [], values: new Float64Array(), shares: new Map([['a1', known]]), fleet: {} };
    return {
      ...{ originSec: 0, stepSec: 300, partitions: new Map(), scores: [], crossings: [] },
      expected,
    };
  };
  const reads = async (forecast?: FleetForecast) => Object.fromEntries((await see(forecast)).shares.get('a1')!.reads);

  it('is what was counted of late, where that was enough', async () => {
    await world.areas({ a1: 'p1' });
    await world.blocks([{ id: 1, area: 'a1', on: 'p2', bytes: 100 }]);
    await world.asked([{ readOps: 30 }, { partition: 'p2', readOps: 90 }]);
    expect(await reads(usual({ p1: 1 }))).toEqual({ p1: 0.25, p2: 0.75 });
  });

  it('of an idle area is where it lay, as far as it lies there yet', async () => {
    await world.areas({ a1: 'p1' });
    await world.blocks([
      { id: 1, area: 'a1', on: 'p1', bytes: 900 },
      { id: 2, area: 'a1', on: 'p2', bytes: 100 },
    ]);
    await world.asked([{ readOps: 1 }]);
    expect(await reads(usual({ p1: 0.2, p2: 0.8 }))).toEqual({ p1: expect.closeTo(0.2), p2: expect.closeTo(0.8) });
    // It was all on a partition that holds nothing of it any more.
    expect(await reads(usual({ p3: 1 }))).toEqual({ p1: 0.9, p2: 0.1 });
  });

  it('of writes is at the new home at once', async () => {
    await world.areas({ a1: 'p1' });
    await world.blocks([]);
    await world.asked([{ writeOps: 600 }]);
    const reader = world.view();
    const writes = async () => Object.fromEntries((await see(undefined, reader)).shares.get('a1')!.writes);
    expect(await writes()).toEqual({ p1: 1 });
    const row = encodeArea({ id: 'a1', homes: [{ partition: 'p2', weight: 1 }] });
    await world.catalog.commit({ checks: [], writes: [[keys.area(bucket, 'a1'), row]] });
    world.clock.nowSec += 30;
    expect(await writes()).toEqual({ p2: 1 });
  });
});
