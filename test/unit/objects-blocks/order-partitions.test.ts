// Where blocks go: home first, until home is ahead of the others.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GiB, MiB } from '../../../src/base/units.ts';
import { type Filling, orderPartitions } from '../../../src/objects/order-partitions.ts';

const filled = (...stored: number[]): Filling[] =>
  stored.map((storedBytes, at) => ({ id: `p${at + 1}`, storedBytes, weight: 1 }));

describe('order of partitions', () => {
  it('is home first while home keeps its share', () => {
    expect(orderPartitions(['p2'], filled(0, 30 * MiB, 0))).toEqual(['p2', 'p1', 'p3']);
    expect(orderPartitions(['p2'], filled(1 * GiB, 1.06 * GiB, 1 * GiB))[0]).toBe('p2');
  });

  it('is the least full first when home is ahead', () => {
    expect(orderPartitions(['p1'], filled(1.2 * GiB, 1 * GiB, 0.6 * GiB))).toEqual(['p3', 'p2', 'p1']);
    expect(orderPartitions(['p1', 'p2'], filled(1.2 * GiB, 1 * GiB, 0.6 * GiB))).toEqual(['p2', 'p3', 'p1']);
  });

  it('is home first beside a partition that has just joined', () => {
    expect(orderPartitions(['p1'], filled(1.05 * GiB, 1 * GiB, 1 * GiB, 0))[0]).toBe('p1');
  });

  it('reckons by weight', () => {
    const fillings = filled(3 * GiB, 1 * GiB).map((one, at) => ({ ...one, weight: at === 0 ? 3 : 1 }));
    expect(orderPartitions(['p1'], fillings)[0]).toBe('p1');
    expect(orderPartitions(['p1'], filled(3 * GiB, 1 * GiB))[0]).toBe('p2');
  });

  it('names every partition once, whatever the homes', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        fc.array(fc.record({ stored: fc.nat(4e9), weight: fc.integer({ min: 1, max: 5 }) }), {
          minLength: 1,
          maxLength: 9,
        }),
        (homes, sizes) => {
          const fillings = sizes.map(({ stored, weight }, at) => ({ id: `p${at + 1}`, storedBytes: stored, weight }));
          const known = homes.map((at) => `p${at}`).filter((id) => fillings.some((one) => one.id === id));
          expect(orderPartitions(known, fillings).sort()).toEqual(fillings.map(({ id }) => id).sort());
        },
      ),
    );
  });

  it('keeps the worst upload within 15–40 %: everything falls into one area', () => {
    for (const count of [3, 4]) {
      const stored = new Array<number>(count).fill(0);
      for (let block = 0; block < 2.6 * 1024; block++) {
        const first = orderPartitions(['p1'], filled(...stored))[0]!;
        stored[Number(first.slice(1)) - 1]! += 1 * MiB;
      }
      const shares = stored.map((bytes) => bytes / (2.6 * GiB));
      expect(Math.max(...shares)).toBeLessThan(0.4);
      expect(Math.min(...shares)).toBeGreaterThan(0.15);
    }
  });
});
