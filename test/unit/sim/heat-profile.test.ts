// Heat profiles: ranks come from the past, shares from what followed.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { profileOfTrace, zipfProfile } from '../../../src/sim/heat-profile.ts';

it('shares sum to 1, the most read per byte first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { minLength: 100, maxLength: 3000 }), (ids) => {
      const { groups } = profileOfTrace('t', Uint32Array.from(ids));
      expect(groups.length).toBeLessThanOrEqual(16);
      for (const part of ['reads', 'bytes'] as const) {
        expect(groups.reduce((sum, group) => sum + group[part], 0)).toBeCloseTo(1, 9);
      }
      const density = groups.map(({ reads, bytes }) => reads / bytes);
      expect(density).toEqual([...density].sort((a, b) => b - a));
    }),
  );
});

it('does not know what becomes hot later', () => {
  const ids = Array.from({ length: 20_000 }, (_, at) => (at % 2 === 0 ? (at < 10_000 ? 1 : 2) : 100 + (at % 997)));
  const { groups } = profileOfTrace('t', Uint32Array.from(ids));
  // Half of all later reads fall on one block that the past ranks with the coldest.
  expect(groups.every(({ bytes, reads }) => bytes > 0.05 || reads < 0.1)).toBe(true);
});

it('finds what stays hot', () => {
  const ids = Array.from({ length: 20_000 }, (_, at) => (at % 2 === 0 ? at % 4 : 100 + (at % 997)));
  const { groups } = profileOfTrace('t', Uint32Array.from(ids));
  expect(groups[0]!.bytes).toBeLessThan(0.01);
  expect(groups[0]!.reads).toBeGreaterThan(0.45);
});

it('zipf 0 is even, steeper ones put more on the hottest', () => {
  for (const { reads, bytes } of zipfProfile(0, 1000).groups) expect(reads / bytes).toBeCloseTo(1, 6);
  const hottest = [0.5, 0.9, 1.3].map((exponent) => zipfProfile(exponent, 1000).groups[0]!.reads);
  expect(hottest).toEqual([...hottest].sort((a, b) => a - b));
  expect(zipfProfile(1, 1).groups).toEqual([{ reads: 1, bytes: 1 }]);
});

it('refuses a trace that says nothing', () => {
  expect(() => profileOfTrace('t', new Uint32Array(99))).toThrow('99 accesses');
});
