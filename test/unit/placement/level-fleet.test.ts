// A fleet that an operator wants levelled ends nearer to level, with nothing moved twice and nothing put where it does not fit.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unknownCapacity } from '../../../src/model/capacity.ts';
import { noFlows } from '../../../src/model/load.ts';
import { levelFleet, type Move, type Plan, type SeenPartition, type View } from '../../../src/placement/placement.ts';

const MiB = 1024 * 1024;

interface Made {
  readonly areas: readonly { readonly at: number; readonly mebibytes: number; readonly reads: number }[];
  readonly quotas: readonly number[];
  readonly free?: number;
  readonly isOneDomain?: boolean;
}

function viewOf({ areas, quotas, free = Number.POSITIVE_INFINITY, isOneDomain = false }: Made): View {
  const idOf = (at: number): string => `p${at % quotas.length}`;
  const on = (id: string) => areas.filter(({ at }) => idOf(at) === id);
  const partitions = quotas.map((quota, place): SeenPartition => {
    const id = idOf(place);
    return {
      ...{ id, capacityDomain: isOneDomain ? 'd' : id, failureDomain: id, duty: 'online', isUp: true, freeBytes: free },
      capacity: quota > 0 ? { load: { readOps: quota }, confidence: 1, source: 'quota' } : unknownCapacity,
      demand: { ...noFlows, readOps: on(id).reduce((sum, { reads }) => sum + reads, 0) },
      ownWork: noFlows,
      storedBytes: on(id).reduce((sum, { mebibytes }) => sum + mebibytes * MiB, 0),
    };
  });
  return {
    ...{ nowSec: 1_800_000_000, partitions, pools: [], hasEchoes: false, echoed: new Map(), underWay: [] },
    areas: new Map(
      areas.map(({ at, reads }, place) => [
        `a${place}`,
        { demand: { ...noFlows, readOps: reads }, homes: [{ partition: idOf(at), weight: 1 }], isDivisible: true },
      ]),
    ),
    holdings: areas.map(({ at, mebibytes }, place) => ({
      ...{ area: `a${place}`, partition: idOf(at), readShare: 1, bytes: mebibytes * MiB },
      heat: [
        { reads: 0.75, bytes: 0.25 },
        { reads: 0.25, bytes: 0.75 },
      ],
    })),
  };
}

const movesOf = ({ steps }: Plan): Move[] => steps.map((step) => step as Move);

function spread(view: View, moves: readonly Move[], of: 'storedBytes' | 'readOps'): number {
  const fills = view.partitions.map(({ id, storedBytes, demand, capacity }) => {
    const sign = (move: Move): number => (move.to === id ? 1 : move.from === id ? -1 : 0);
    const moved = moves.reduce((sum, move) => {
      const reads = move.readShare * (view.areas.get(move.area)?.demand.readOps ?? 0);
      return sum + sign(move) * (of === 'readOps' ? reads : move.bytes);
    }, 0);
    return of === 'readOps' ? (demand.readOps + moved) / (capacity.load.readOps ?? 1) : storedBytes + moved;
  });
  return Math.max(...fills) - Math.min(...fills);
}

const made = (quota: fc.Arbitrary<number>): fc.Arbitrary<Made> =>
  fc.record({
    areas: fc.array(
      fc.record({
        at: fc.nat(5),
        mebibytes: fc.integer({ min: 1, max: 500 }),
        reads: fc.integer({ min: 0, max: 100 }),
      }),
      { maxLength: 24 },
    ),
    quotas: fc.array(quota, { minLength: 2, maxLength: 6 }),
  });

describe('levelling', () => {
  it('brings stored bytes nearer together, without moving anything twice, where no load is known to be uneven', () => {
    fc.assert(
      fc.property(made(fc.constant(0)), (each) => {
        const view = viewOf(each);
        const moves = movesOf(levelFleet(view));
        expect(new Set(moves.map(({ area }) => area)).size).toBe(moves.length);
        expect(spread(view, moves, 'storedBytes')).toBeLessThanOrEqual(spread(view, [], 'storedBytes'));
        for (const { bytes, area, from } of moves) {
          const held = view.holdings.find((one) => one.area === area && one.partition === from)!;
          expect(bytes).toBeGreaterThan(0);
          expect(bytes).toBeLessThanOrEqual(held.bytes);
        }
      }),
    );
  });

  it('levels four partitions that were filled one after the other', () => {
    const areas = Array.from({ length: 40 }, (_, at) => ({ at: at < 30 ? 0 : 1, mebibytes: 10 + (at % 7), reads: 0 }));
    const view = viewOf({ areas, quotas: [0, 0, 0, 0] });
    expect(spread(view, movesOf(levelFleet(view)), 'storedBytes')).toBeLessThan(0.15 * spread(view, [], 'storedBytes'));
  });

  it('takes load first from where it is most for what the partition can do', () => {
    const areas = Array.from({ length: 20 }, (_, at) => ({ at: 0, mebibytes: 1, reads: at }));
    const view = viewOf({ areas, quotas: [100, 300] });
    const moves = movesOf(levelFleet(view)).filter(({ because }) => because.text.includes('readOps'));
    expect(spread(view, moves, 'readOps')).toBeLessThan(0.2 * spread(view, [], 'readOps'));
  });

  it('moves load within no capacity domain, and says so; bytes it does', () => {
    const areas = Array.from({ length: 20 }, (_, at) => ({ at: 0, mebibytes: 10, reads: at }));
    const { steps, refusals } = levelFleet(viewOf({ areas, quotas: [100, 300], isOneDomain: true }));
    expect(refusals.map(({ why }) => why)).toContainEqual(expect.stringMatching(/readOps.*shares its capacity domain/));
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.every(({ because }) => because.text.includes('stored bytes'))).toBe(true);
  });

  it('puts nothing where there is no room', () => {
    fc.assert(
      fc.property(made(fc.integer({ min: 1, max: 50 })), fc.integer({ min: 0, max: 40 }), (each, free) => {
        const view = viewOf({ ...each, free: free * MiB });
        const come = new Map<string, number>();
        for (const { to, bytes } of movesOf(levelFleet(view))) come.set(to, (come.get(to) ?? 0) + bytes);
        for (const bytes of come.values()) expect(bytes).toBeLessThanOrEqual(free * MiB);
      }),
    );
  });

  it('leaves a level fleet alone', () => {
    const areas = Array.from({ length: 8 }, (_, at) => ({ at, mebibytes: 10, reads: 10 }));
    expect(levelFleet(viewOf({ areas, quotas: [100, 100, 100, 100] })).steps).toEqual([]);
  });
});
