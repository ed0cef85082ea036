// Where echoes go, and how many there are.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countEchoes } from '../../../src/echo/count-echoes.ts';
import { type Neighbour, placeEchoes } from '../../../src/echo/place-echoes.ts';

const neighbour = (partition: string, part: Partial<Neighbour> = {}): Neighbour => ({
  ...{ partition, failureDomain: partition, capacityDomain: partition, isWilling: true, headroom: 0.5, latencyMs: 10 },
  ...part,
});
const blocks = Array.from({ length: 3000 }, (_, at) => at.toString(16).padStart(32, '0'));
const twelve = Array.from({ length: 12 }, (_, at) => neighbour(`p${at}`));

function tally(neighbours: readonly Neighbour[], count = 1): Map<string, number> {
  const counts = new Map<string, number>();
  for (const block of blocks) {
    for (const each of placeEchoes(block, 'p0', neighbours, [], count)) counts.set(each, (counts.get(each) ?? 0) + 1);
  }
  return counts;
}

describe('echoes', () => {
  it('of the blocks of one home spread evenly over equal neighbours', () => {
    const counts = tally(twelve);
    expect(counts.has('p0')).toBe(false);
    for (const each of twelve.slice(1)) {
      const share = (counts.get(each.partition) ?? 0) / (blocks.length / 11);
      expect(share).toBeGreaterThan(0.75);
      expect(share).toBeLessThan(1.25);
    }
  });

  it('go more to whom has more to spare, and to whom is nearer', () => {
    const counts = tally([
      ...twelve.slice(0, 3),
      neighbour('idle', { headroom: 1 }),
      neighbour('far', { latencyMs: 20 }),
    ]);
    const times = (one: string, other: string) => counts.get(one)! / counts.get(other)!;
    expect(times('idle', 'p1')).toBeGreaterThan(1.7);
    expect(times('idle', 'p1')).toBeLessThan(2.3);
    expect(times('p1', 'far')).toBeGreaterThan(1.7);
    expect(times('p1', 'far')).toBeLessThan(2.3);
  });

  it('mostly stay where they were when a partition goes', () => {
    let moved = 0;
    for (const block of blocks) {
      const before = placeEchoes(block, 'p0', twelve, [], 2);
      const after = placeEchoes(block, 'p0', twelve.slice(0, 11), [], 2);
      moved += after.filter((each) => !before.includes(each)).length;
    }
    expect(moved / (2 * blocks.length)).toBeLessThan(0.13);
  });

  it('keep what there is although others would be chosen now', () => {
    for (const block of blocks.slice(0, 100)) {
      const [first] = placeEchoes(block, 'p0', twelve, [], 1);
      const other = first === 'p5' ? 'p6' : 'p5';
      expect(placeEchoes(block, 'p0', twelve, [other], 2)[0]).toBe(other);
    }
  });

  it('share no failure domain while another has room, and stay out of the home’s domains', () => {
    const fleet = [
      neighbour('home', { failureDomain: 'a', capacityDomain: 'x' }),
      neighbour('beside', { failureDomain: 'a', capacityDomain: 'y' }),
      neighbour('same disk', { failureDomain: 'a', capacityDomain: 'x', headroom: 1 }),
      neighbour('b1', { failureDomain: 'b', capacityDomain: 'y' }),
      neighbour('b2', { failureDomain: 'b', capacityDomain: 'z' }),
    ];
    for (const block of blocks.slice(0, 200)) {
      const places = placeEchoes(block, 'home', fleet, [], 4);
      expect(['b1', 'b2']).toContain(places[0]);
      expect(places[1]).toBe('beside');
      expect([...places].sort()).toEqual(['b1', 'b2', 'beside']);
    }
  });

  it('go nowhere when there is nowhere', () => {
    expect(placeEchoes('ab'.repeat(16), 'p0', [neighbour('p0'), neighbour('p1', { isWilling: false })], [], 2)).toEqual(
      [],
    );
    expect(placeEchoes('ab'.repeat(16), 'p0', twelve, [], 0)).toEqual([]);
  });

  it('are as many as asked, each elsewhere, on whoever is willing, whatever the fleet is like', () => {
    const any = fc.record({
      failureDomain: fc.constantFrom('a', 'b', 'c'),
      capacityDomain: fc.constantFrom('x', 'y'),
      isWilling: fc.boolean(),
      headroom: fc.double({ min: 0, max: 1, noNaN: true }),
      latencyMs: fc.oneof(fc.constant(Number.NaN), fc.constant(0), fc.double({ min: 0.1, max: 1e4, noNaN: true })),
    });
    fc.assert(
      fc.property(
        fc.array(any, { minLength: 1, maxLength: 8 }),
        fc.nat(5),
        fc.constantFrom(...blocks),
        (parts, count, block) => {
          const fleet = parts.map((part, at) => neighbour(`p${at}`, part));
          const places = placeEchoes(block, 'p0', fleet, [], count);
          const [home] = fleet;
          const isBeside = (each: Neighbour): boolean =>
            each.failureDomain === home!.failureDomain && each.capacityDomain === home!.capacityDomain;
          const willing = fleet.filter((each) => each.isWilling && !isBeside(each));
          expect(places.length).toBe(Math.min(count, willing.length));
          expect(new Set(places).size).toBe(places.length);
          for (const place of places) expect(willing.map(({ partition }) => partition)).toContain(place);
          const domainOf = (partition: string) => fleet.find((each) => each.partition === partition)!.failureDomain;
          const domains = new Set(places.map(domainOf));
          const there = new Set(willing.map(({ failureDomain }) => failureDomain));
          expect(domains.size).toBe(Math.min(places.length, there.size));
        },
      ),
    );
  });
});

describe('the number of echoes', () => {
  it('is what is wanted, more for a crowd that is more than they can take, four at most', () => {
    const counts = [0, 10, 50, 70, 500].map((readsInFlight) =>
      countEchoes(2, { readsInFlight, sparePerNeighbour: 24 }),
    );
    expect(counts).toEqual([2, 2, 3, 3, 4]);
    expect(countEchoes(0, { readsInFlight: 500, sparePerNeighbour: 1 })).toBe(0);
    expect(countEchoes(1, { readsInFlight: 2, sparePerNeighbour: 0 })).toBe(2);
  });
});
