// N−1: no partition is given more than it could carry if one other died.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Spill } from '../../../src/echo/spill.ts';

it('never promises more of one home to a partition than it can spare', () => {
  const id = fc.constantFrom('p1', 'p2', 'p3');
  fc.assert(
    fc.property(
      fc.array(fc.record({ home: id, to: id, perSec: fc.double({ min: 0, max: 20, noNaN: true }) }), { maxLength: 60 }),
      fc.dictionary(fc.constantFrom('p1', 'p2'), fc.double({ min: 0, max: 100, noNaN: true })),
      (wishes, known) => {
        const spare = new Map(Object.entries(known));
        const spill = new Spill(spare);
        const given = new Map<string, number>();
        for (const { home, to, perSec } of wishes) {
          if (!spill.fits(home, to, perSec)) continue;
          spill.add(home, to, perSec);
          given.set(`${home} ${to}`, (given.get(`${home} ${to}`) ?? 0) + perSec);
        }
        for (const [name, sum] of given)
          expect(sum).toBeLessThanOrEqual((spare.get(name.slice(3)) ?? Number.POSITIVE_INFINITY) + 1e-6);
      },
    ),
  );
});

it('counts each home by itself: only one of them dies', () => {
  const spill = new Spill(new Map([['p3', 10]]));
  spill.add('p1', 'p3', 8);
  expect([spill.fits('p1', 'p3', 3), spill.fits('p2', 'p3', 9), spill.fits('p1', 'p4', 1000)]).toEqual([
    false,
    true,
    true,
  ]);
});
