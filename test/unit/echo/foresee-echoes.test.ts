// Which blocks get echoes before their load comes: by heat, within the budget, in time.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { echoesMax } from '../../../src/echo/count-echoes.ts';
import {
  type Candidate,
  foreseeEchoes,
  isNear,
  leadSec,
  type Spot,
  type SpotBlocks,
} from '../../../src/echo/foresee-echoes.ts';

const spot = (part: Partial<Spot> = {}): Spot => ({
  ...{ name: 's', fromSec: 1000, toSec: 2000, factor: 1, isDeclared: true },
  ...part,
});
const candidate = (block: string, part: Partial<Candidate> = {}): Candidate => ({
  ...{ block, bytes: 100, heat: 0, has: 0, places: 3 },
  ...part,
});
const plan = (spots: readonly SpotBlocks[], bounds: { nowSec?: number; leftBytes?: number; count?: number } = {}) =>
  foreseeEchoes(spots, { nowSec: 1000, leftBytes: 1e9, count: 2, ...bounds });

const anyCandidate = fc.record({
  block: fc.integer({ min: 0, max: 30 }).map(String),
  bytes: fc.integer({ min: 1, max: 1000 }),
  heat: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true })),
  has: fc.integer({ min: 0, max: 4 }),
  places: fc.integer({ min: 0, max: 6 }),
});
/** A block is the same in every spot. */
const anySpots = fc
  .tuple(
    fc.uniqueArray(anyCandidate, { selector: ({ block }) => block, maxLength: 30 }),
    fc.array(
      fc.record({
        fromSec: fc.integer({ min: 0, max: 5000 }),
        lastsSec: fc.integer({ min: 1, max: 3000 }),
        factor: fc.double({ min: 0.1, max: 1000, noNaN: true }),
        isDeclared: fc.boolean(),
        picks: fc.array(fc.nat(), { maxLength: 30 }),
      }),
      { maxLength: 5 },
    ),
  )
  .map(([all, spots]): SpotBlocks[] =>
    spots.map(({ fromSec, lastsSec, factor, isDeclared, picks }, at) => ({
      spot: { name: String(at), fromSec, toSec: fromSec + lastsSec, factor, isDeclared },
      blocks: all.length === 0 ? [] : picks.map((pick) => all[pick % all.length]!),
    })),
  );
const anyBounds = fc.record({
  nowSec: fc.integer({ min: 0, max: 8000 }),
  leftBytes: fc.integer({ min: -100, max: 20_000 }),
  count: fc.integer({ min: 0, max: 4 }),
});
const hasOf = (spots: readonly SpotBlocks[], block: string): Candidate =>
  spots.flatMap(({ blocks }) => blocks).find((each) => each.block === block)!;

describe('foreseen echoes', () => {
  it('never take more than the budget leaves, nor more places than there are', () => {
    fc.assert(
      fc.property(anySpots, anyBounds, (spots, bounds) => {
        let bytes = 0;
        for (const { block, count } of foreseeEchoes(spots, bounds)) {
          const { has, places, bytes: each } = hasOf(spots, block);
          expect(count).toBeGreaterThanOrEqual(Math.max(1, has));
          if (count > has) expect(count).toBeLessThanOrEqual(Math.min(places, echoesMax));
          bytes += (count - has) * each;
        }
        expect(bytes).toBeLessThanOrEqual(Math.max(0, bounds.leftBytes));
      }),
    );
  });

  it('are for each block once, and for none that only what is over or far away wants', () => {
    fc.assert(
      fc.property(anySpots, anyBounds, (spots, bounds) => {
        const wanted = foreseeEchoes(spots, bounds).map(({ block }) => block);
        expect(new Set(wanted).size).toBe(wanted.length);
        const near = spots.filter((each) => isNear(each.spot, bounds.nowSec));
        for (const block of wanted)
          expect(near.some(({ blocks }) => blocks.some((one) => one.block === block))).toBe(true);
      }),
    );
    const blocks = [candidate('a')];
    expect(plan([{ spot: spot(), blocks }], { nowSec: 2000 })).toEqual([]);
    expect(plan([{ spot: spot(), blocks }], { nowSec: 999 - leadSec })).toEqual([]);
    expect(plan([{ spot: spot(), blocks }], { nowSec: 1000 - leadSec })).toHaveLength(1);
    expect(plan([{ spot: spot(), blocks }], { nowSec: 1999 })).toHaveLength(1);
  });

  it('of the hotter of two like blocks are no fewer', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { maxLength: 30 }),
        fc.integer({ min: 0, max: 6000 }),
        (heats, leftBytes) => {
          const blocks = heats.map((heat, at) => candidate(String(at), { heat }));
          const counts = new Map(
            plan([{ spot: spot(), blocks }], { leftBytes }).map(({ block, count }) => [block, count]),
          );
          for (const one of blocks) {
            for (const other of blocks) {
              if (one.heat <= other.heat) continue;
              expect(counts.get(one.block) ?? 0).toBeGreaterThanOrEqual(counts.get(other.block) ?? 0);
            }
          }
        },
      ),
    );
  });

  it('last no shorter when a spot lasts longer, and always longer than the spot', () => {
    fc.assert(
      fc.property(anySpots, anyBounds, fc.nat({ max: 4 }), fc.nat({ max: 5000 }), (spots, bounds, which, moreSec) => {
        const longer = spots.map((each, at) =>
          at === which ? { ...each, spot: { ...each.spot, toSec: each.spot.toSec + moreSec } } : each,
        );
        const before = foreseeEchoes(spots, bounds);
        const after = new Map(foreseeEchoes(longer, bounds).map(({ block, untilSec }) => [block, untilSec]));
        for (const { block, untilSec } of before) {
          expect(untilSec).toBeGreaterThan(bounds.nowSec);
          if (after.has(block)) expect(after.get(block)).toBeGreaterThanOrEqual(untilSec);
        }
      }),
    );
  });

  it('are for the end of the spot and a minute more', () => {
    expect(plan([{ spot: spot(), blocks: [candidate('a')] }])[0]!.untilSec).toBe(2060);
  });

  it('are one of each block before they are two of any, the smallest of the cold ones first', () => {
    const blocks = [candidate('big', { bytes: 500 }), candidate('a'), candidate('b'), candidate('hot', { heat: 3 })];
    const counts = (leftBytes: number) =>
      plan([{ spot: spot(), blocks }], { leftBytes }).map(({ block, count }) => `${block} ${count}`);
    expect(counts(300)).toEqual(['hot 1', 'a 1', 'b 1']);
    expect(counts(499)).toEqual(['hot 2', 'a 1', 'b 1']);
    expect(counts(800)).toEqual(['hot 1', 'a 1', 'b 1', 'big 1']);
    expect(counts(1600)).toEqual(['hot 2', 'a 2', 'b 2', 'big 2']);
  });

  it('are more where demand is said to grow tenfold and more, and none where none are wanted', () => {
    const count = (factor: number, most = 2) =>
      plan([{ spot: spot({ factor }), blocks: [candidate('a', { places: 9 })] }], { count: most })[0]?.count;
    expect([0.5, 1, 9, 10, 99, 100, 1000].map((factor) => count(factor))).toEqual([2, 2, 2, 3, 3, 4, 4]);
    expect(count(1000, 0)).toBe(undefined);
  });

  it('of what is declared go before those of what is only forecast, however hot that is', () => {
    const forecast = { spot: spot({ isDeclared: false }), blocks: [candidate('hot', { heat: 100 })] };
    const declared = { spot: spot({ fromSec: 1500 }), blocks: [candidate('cold')] };
    expect(plan([forecast, declared], { leftBytes: 100 }).map(({ block }) => block)).toEqual(['cold']);
  });

  it('that there are already cost nothing, and are kept', () => {
    const blocks = [candidate('a', { has: 2 }), candidate('b', { has: 1 })];
    expect(plan([{ spot: spot(), blocks }], { leftBytes: -50 })).toEqual([
      { block: 'a', count: 2, untilSec: expect.any(Number) },
      { block: 'b', count: 1, untilSec: expect.any(Number) },
    ]);
  });
});
