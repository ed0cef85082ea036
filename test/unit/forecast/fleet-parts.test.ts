// The small parts of the fleet: where areas lie, what was said of late, whose turn it is to be fitted.
import { describe, expect, it } from 'vitest';
import { AreaSeries } from '../../../src/forecast/area-series.ts';
import { FleetHabits } from '../../../src/forecast/fleet-habits.ts';
import { KnownShares } from '../../../src/forecast/known-shares.ts';
import { PointRing } from '../../../src/forecast/point-ring.ts';
import { RefitTurns } from '../../../src/forecast/refit-turns.ts';
import { isSame, sumValues } from '../../../src/forecast/sum-areas.ts';
import { stepSec, whole } from './made-fleet.ts';

describe('shares', () => {
  const parts = (readOps: number, writeOps: number) => ({ ...whole, readOps, writeOps });

  it('sum to 1 per flow, and a flow nobody asks lies like the others', () => {
    const shares = new KnownShares();
    shares.update(
      new Map([
        [
          'a',
          new Map([
            ['p', parts(3, 0)],
            ['q', parts(1, 0)],
          ]),
        ],
      ]),
    );
    expect(shares.of('a', 'p', 'readOps')).toBeCloseTo(0.75);
    expect(shares.of('a', 'q', 'readOps')).toBeCloseTo(0.25);
    expect(shares.of('a', 'p', 'writeOps') + shares.of('a', 'q', 'writeOps')).toBeCloseTo(1);
    expect(shares.of('a', 'p', 'writeOps')).toBeCloseTo(5 / 8);
  });

  it('stay as they were where a layout says nothing sound, until the area is forgotten', () => {
    const shares = new KnownShares();
    shares.update(new Map([['a', new Map([['p', whole]])]]));
    const none = { readOps: Number.NaN, writeOps: -1, readBytes: 0, writeBytes: 0 };
    shares.update(new Map([['a', new Map([['q', none]])]]));
    shares.update(new Map());
    expect(shares.of('a', 'p', 'readOps')).toBe(1);
    expect([...shares.partitions]).toEqual(['p']);
    shares.forget('a');
    expect(shares.of('a', 'p', 'readOps')).toBe(0);
  });
});

it('a sum is missing where none of its areas was measured', () => {
  const loads = [
    [1, Number.NaN, Number.NaN, 4],
    [10, 20, Number.NaN, Number.NaN],
  ];
  const parts = loads.map((values) => {
    const habits = new FleetHabits(stepSec, []);
    const options = {
      area: 'a',
      flow: 'readOps',
      firstBin: 0,
      stepSec,
      horizons: [1],
      withTrees: false,
      habits,
    } as const;
    const series = new AreaSeries(options);
    for (const value of values) series.forecaster.remember(value);
    return { series, share: 0.5 };
  });
  // What one of several missed reads as before.
  expect(Array.from(sumValues(parts, -1, 3))).toEqual([0, 5.5, 10.5, Number.NaN, 12]);
  expect(isSame(parts, parts.slice(0, 1))).toBe(false);
  expect(
    isSame(
      parts,
      parts.map((part) => ({ ...part })),
    ),
  ).toBe(true);
  expect(
    isSame(
      parts,
      parts.map((part) => ({ ...part, share: 0.6 })),
    ),
  ).toBe(false);
});

describe('points', () => {
  it('are kept for so many bins, and are none where nothing was said', () => {
    const ring = new PointRing(2, 4);
    ring.set(0, 100, 1);
    ring.set(1, 100, 2);
    ring.set(0, 102, 3);
    expect([100, 101, 102, 103].map((bin) => ring.at(0, bin))).toEqual([1, Number.NaN, 3, Number.NaN]);
    expect([100, 102].map((bin) => ring.at(1, bin))).toEqual([2, Number.NaN]);
    ring.set(0, 104, 5);
    expect(ring.at(0, 100)).toBeNaN();
    ring.set(0, 1000, 7);
    expect([1000, 999, 998, 104].map((bin) => ring.at(0, bin))).toEqual([7, Number.NaN, Number.NaN, Number.NaN]);
  });
});

describe('turns', () => {
  const fleetOf = (count: number, trees: number) =>
    Array.from({ length: count }, (_, at) => {
      const fits: (boolean | number)[] = [];
      return { withTrees: at < trees, fits, forecaster: { refit: (what: boolean | number) => void fits.push(what) } };
    });

  it('come to everybody within the hour, alike in every bin', () => {
    const fleet = fleetOf(30, 0);
    const turns = new RefitTurns(300);
    const perBin = Array.from({ length: 12 }, () => {
      const before = fleet.reduce((sum, { fits }) => sum + fits.length, 0);
      turns.take(fleet);
      return fleet.reduce((sum, { fits }) => sum + fits.length, 0) - before;
    });
    expect(fleet.every(({ fits }) => fits.length >= 1)).toBe(true);
    expect(Math.max(...perBin)).toBeLessThanOrEqual(3);
  });

  it('are never more than may be in one bin', () => {
    const fleet = fleetOf(1000, 0);
    new RefitTurns(300, 7).take(fleet);
    expect(fleet.filter(({ fits }) => fits.length > 0)).toHaveLength(7);
  });

  it('of trees come to both sets soon, then each every four hours', () => {
    const fleet = fleetOf(4, 4);
    const turns = new RefitTurns(300);
    const sets = () => fleet.map(({ fits }) => fits.filter((each) => each !== false));
    for (let bin = 0; bin < 3; bin++) turns.take(fleet);
    expect(sets()).toEqual(fleet.map(() => [0, 1].slice(0)).map((both) => expect.arrayContaining(both)));
    const before = sets().flat().length;
    for (let bin = 0; bin < 24; bin++) turns.take(fleet);
    expect(sets().flat().length - before).toBeGreaterThanOrEqual(4);
    turns.take([]);
  });
});
