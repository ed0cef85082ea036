// A share of what is done, saved up to a limit.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Allowance } from '../../../src/base/allowance.ts';

it('never gives more than its share and what was saved', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 2_000 }),
      fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      fc.integer({ min: 1, max: 20 }),
      (isSpends, share, most) => {
        const allowance = new Allowance(share, most);
        let earned = 0;
        let spent = 0;
        for (const isSpend of isSpends) {
          if (!isSpend) {
            allowance.earn();
            earned += 1;
          } else {
            const hadSome = allowance.hasSome;
            expect(allowance.spend()).toBe(hadSome);
            if (hadSome) spent += 1;
          }
          expect(spent).toBeLessThanOrEqual(most + share * earned + 1e-6);
        }
      },
    ),
  );
});

it('gives all that was saved at once, and then one for each so many', () => {
  const allowance = new Allowance(0.25, 3);
  expect([1, 2, 3, 4].map(() => allowance.spend())).toEqual([true, true, true, false]);
  const given = Array.from({ length: 12 }, () => {
    allowance.earn();
    return allowance.spend();
  });
  expect(given.filter(Boolean)).toHaveLength(3);
});
