// From areas to partitions: bands that keep their promise whether areas err together or apart, and that follow areas at once when they move.
import { describe, expect, it } from 'vitest';
import { FleetForecaster } from '../../../src/forecast/fleet-forecaster.ts';
import { SeriesForecaster } from '../../../src/forecast/series-forecaster.ts';
import { at, begun, binAt, dailyAreas, flowOf, type Loads, layoutOf, reads, startSec, stepSec } from './made-fleet.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const pastBins = 10 * 24;

const onOne = layoutOf(Object.fromEntries(names.map((name) => [name, 'p'])));

function bands(loads: Loads, scored: number): { inside: number; width: number; sumWidth: number } {
  const fleet = begun(loads, pastBins, onOne, [1]);
  let inside = 0;
  let width = 0;
  let sumWidth = 0;
  for (let bin = pastBins; bin < pastBins + scored; bin++) {
    const { mean } = flowOf(fleet.push(binAt(loads, bin), onOne, []), 'p', 1);
    const actual = names.reduce((sum, name) => sum + loads[name]![bin + 1]!, 0);
    if (actual >= at(mean, 0.05) && actual <= at(mean, 0.95)) inside++;
    width += at(mean, 0.95) - at(mean, 0.05);
    for (const [each] of fleet.areas(names).values()) sumWidth += at(each!.mean, 0.95) - at(each!.mean, 0.05);
  }
  return { inside: inside / scored, width: width / scored, sumWidth: sumWidth / scored };
}

describe('a partition of eight areas', () => {
  it('is narrower than the sum of their bands where they err apart', () => {
    const { inside, width, sumWidth } = bands(dailyAreas(names, pastBins + 100), 99);
    expect(inside).toBeGreaterThan(0.78);
    expect(inside).toBeLessThan(0.98);
    // Eight independent errors: the root of eight, not eight.
    expect(width / sumWidth).toBeLessThan(0.55);
  });

  it('is about as wide as that sum where they err together', () => {
    const { inside, width, sumWidth } = bands(dailyAreas(names, pastBins + 100, { common: 1 }), 99);
    expect(inside).toBeGreaterThan(0.78);
    expect(width / sumWidth).toBeGreaterThan(0.65);
  });
});

describe('areas that move', () => {
  const loads: Record<string, Float64Array> = {
    ...dailyAreas(['a', 'b', 'c'], pastBins + 30),
    big: dailyAreas(['x'], pastBins + 30, { level: 300 }).x!,
  };
  const before = layoutOf({ a: 'p', b: 'p', c: 'q', big: 'p' });
  const after = layoutOf({ a: 'p', b: 'p', c: 'q', big: 'q' });

  it('take their forecast with them at once, and widen nothing', () => {
    const fleet = begun(loads, pastBins, before);
    const calm = fleet.push(binAt(loads, pastBins), before, []);
    const moved = fleet.push(binAt(loads, pastBins + 1), after, []);
    const truth = (partition: string, of: typeof loads): number =>
      [...after.shares].reduce((sum, [area, on]) => (on.has(partition) ? sum + of[area]![pastBins + 2]! : sum), 0);
    for (const partition of ['p', 'q']) {
      const { mean } = flowOf(moved, partition, 1);
      expect(Math.abs(at(mean, 0.5) - truth(partition, loads)) / truth(partition, loads)).toBeLessThan(0.2);
    }
    const widthOf = (forecast: typeof calm, partition: string): number => {
      const { mean } = flowOf(forecast, partition, 1);
      return at(mean, 0.95) - at(mean, 0.05);
    };
    expect(widthOf(moved, 'p')).toBeLessThan(1.5 * widthOf(calm, 'p'));
    expect(widthOf(moved, 'q')).toBeLessThan(2 * widthOf(calm, 'p'));
  });

  it('end where they would have been had they always lain there', () => {
    const moving = begun(loads, pastBins, before);
    const still = begun(loads, pastBins, after);
    moving.push(binAt(loads, pastBins), after, []);
    still.push(binAt(loads, pastBins), after, []);
    const medianOf = (fleet: FleetForecaster): number =>
      at(flowOf(fleet.push(binAt(loads, pastBins + 1), after, []), 'q', 4).mean, 0.5);
    expect(medianOf(moving) / medianOf(still)).toBeCloseTo(1, 1);
  });

  it('count once, whatever their shares sum to', () => {
    const [one, other] = [1, 7].map((times) => {
      const half = { readOps: times, writeOps: times, readBytes: times, writeBytes: times };
      const layout = {
        ...before,
        shares: new Map(before.shares).set(
          'big',
          new Map([
            ['p', half],
            ['q', half],
          ]),
        ),
      };
      return begun(loads, pastBins, layout).push(binAt(loads, pastBins), layout, []);
    });
    expect(one).toEqual(other);
  });

  it('are kept where they lay while nobody asks for them, and forgotten when they are gone', () => {
    const fleet = begun(loads, pastBins, before);
    const idle = { ...before, shares: new Map([...before.shares].filter(([area]) => area !== 'big')) };
    const known = at(flowOf(fleet.push(binAt(loads, pastBins), idle, []), 'p', 1).mean, 0.5);
    const without = binAt({ a: loads.a!, b: loads.b!, c: loads.c! }, pastBins + 1);
    const gone = at(flowOf(fleet.push(without, { ...idle, gone: ['big'] }, []), 'p', 1).mean, 0.5);
    expect(known).toBeGreaterThan(400);
    expect(gone).toBeLessThan(300);
    expect(fleet.areas(['a', 'big']).size).toBe(1);
  });
});

describe('one area alone', () => {
  it('is forecast bit by bit as without a fleet', () => {
    const loads = dailyAreas(['a'], 80);
    const layout = layoutOf({ a: 'p' });
    const fleet = new FleetForecaster({ stepSec, horizons: [1, 4], treesMax: 0 }, [], layout);
    const series = new SeriesForecaster({ startSec, stepSec, horizons: [1, 4], withTrees: false, jobs: [] });
    for (let bin = 0; bin < 80; bin++) {
      fleet.push(binAt(loads, bin), layout, []);
      const alone = series.push(loads.a![bin]!, false).map(({ row }) => Array.from(row));
      series.refit(false);
      const [one, four] = fleet
        .areas(['a'])
        .get('a')!
        .filter(({ flow }) => flow === 'readOps');
      expect([one!.mean, four!.mean, four!.steps[3]]).toEqual(alone);
    }
  });
});

describe('a young area', () => {
  const bins = pastBins + 60;
  const old = dailyAreas(names, bins);
  const born = pastBins + 6;
  const fresh = Float64Array.from(dailyAreas(['x'], bins, { level: 1000, noise: 20 }).x!, (value, bin) =>
    bin < born ? 0 : value,
  );
  const errorOf = (others: Loads): { error: number; pooled: number; because: string } => {
    const loads = { ...others, fresh };
    const layout = layoutOf(Object.fromEntries(Object.keys(loads).map((name) => [name, 'p'])));
    const fleet = begun(others, pastBins, layout);
    let error = 0;
    let pooled = 0;
    let because = '';
    for (let bin = pastBins; bin < born + 24; bin++) {
      fleet.push(binAt(loads, bin), layout, []);
      if (bin < born + 6) continue;
      const said = fleet
        .areas(['fresh'])
        .get('fresh')!
        .find(({ flow, horizon }) => flow === 'readOps' && horizon === 4)!;
      error += Math.abs(said.steps[3]![6]! - fresh[bin + 4]!);
      pooled += said.weights.pooled ?? 0;
      because = `${said.state}: ${said.because.join()}`;
    }
    return { error, pooled, because };
  };

  it('borrows the course of the day from the others', () => {
    const helped = errorOf(old);
    const alone = errorOf({});
    expect(helped.error).toBeLessThan(0.6 * alone.error);
    expect(helped.pooled).toBeGreaterThan(5);
    expect(alone.pooled).toBe(0);
    expect(helped.because).toMatch(/^young: less than two days/);
  });
});

describe('time', () => {
  const loads = dailyAreas(['a', 'b'], pastBins + 400);
  const layout = layoutOf({ a: 'p', b: 'p' });

  it('that was left out counts as not measured, and what came before changes nothing', () => {
    const fleet = begun(loads, pastBins, layout);
    const told = begun(loads, pastBins, layout);
    told.push({ startSec: startSec + pastBins * stepSec, areas: undefined }, layout, []);
    const expected = told.push(binAt(loads, pastBins + 1), layout, []);
    // Fits are counted in bins that came.
    const silent = fleet.push(binAt(loads, pastBins + 1), layout, []);
    expect(silent.originSec).toBe(expected.originSec);
    expect(at(flowOf(silent, 'p', 4).mean, 0.5) / at(flowOf(expected, 'p', 4).mean, 0.5)).toBeCloseTo(1, 1);
    expect(fleet.push(binAt(loads, 3), layout, [])).toEqual(silent);
  });

  it('of two weeks without a question lets an area go, and its partition where it was alone there', () => {
    const alone = layoutOf({ a: 'p', b: 'q' });
    const layoutNow = { ...alone, capacities: new Map() };
    const fleet = begun(loads, 30, alone, [1]);
    const quiet = { a: loads.a! };
    let bin = 30;
    const days = (count: number) => {
      let forecast = fleet.push(binAt(quiet, bin), layoutOf({ a: 'p' }), []);
      for (const last = bin++ + count * 24; bin < last; bin++)
        forecast = fleet.push(binAt(quiet, bin), { ...layoutNow, shares: new Map() }, []);
      return [...forecast.partitions.keys()];
    };
    expect(days(13)).toEqual(['p', 'q']);
    expect(days(2)).toEqual(['p']);
  });

  it('of silence longer than a week begins anew', () => {
    const fleet = begun(loads, pastBins, layout);
    const forecast = fleet.push(binAt(loads, pastBins + 300), layout, []);
    expect(flowOf(forecast, 'p', 1).state).toBe('young');
    expect(at(flowOf(forecast, 'p', 1).mean, 0.5)).toBeGreaterThan(0);
  });

  it('comes in whatever horizons were asked for', () => {
    const fleet = begun(loads, pastBins, layout, [6, 3, 3]);
    const forecast = fleet.push(binAt(loads, pastBins), layout, []);
    expect(
      forecast.partitions
        .get('p')!
        .map(({ horizon, steps }) => [horizon, steps.length])
        .slice(0, 2),
    ).toEqual([
      [3, 3],
      [6, 6],
    ]);
  });
});

it('begins with nothing at all', () => {
  const fleet = new FleetForecaster({ stepSec, horizons: [1], treesMax: 4 }, [], {
    shares: new Map(),
    capacities: new Map(),
  });
  const forecast = fleet.push({ startSec, areas: new Map([['a', reads(3)]]) }, layoutOf({ a: 'p' }), []);
  expect(at(flowOf(forecast, 'p', 1).mean, 0.5)).toBeCloseTo(3);
});
