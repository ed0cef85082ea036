// What is summed up once is what summing up each time would say.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MinutesAhead } from '../../../src/sim/engine/minutes-ahead.ts';

const [areas, minutes, span] = [3, 40, 8];
const loads = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: areas * minutes, maxLength: areas * minutes });
/** How far time goes on, and what lies there from then on; undefined: what lay there before. */
const steps = fc.array(
  fc.record({
    on: fc.integer({ min: 0, max: 5 }),
    shares: fc.option(fc.array(fc.record({ area: fc.nat(areas - 1), share: fc.constantFrom(0.5, 1) })), {
      nil: undefined,
    }),
  }),
);

it('sums are those of what lies there now', () => {
  fc.assert(
    fc.property(loads, steps, (values, all) => {
      const ahead = new MinutesAhead(Float32Array.from(values), areas, span);
      let [from, version] = [0, 0];
      let shares: readonly { area: number; share: number }[] = [];
      for (const step of all) {
        from = Math.min(minutes, from + step.on);
        if (step.shares !== undefined) {
          shares = step.shares;
          version++;
        }
        const to = Math.min(minutes, from + span);
        const sums = ahead.of(1, version, () => shares, from, to);
        for (let minute = from; minute < to; minute++)
          expect(sums[minute % span]).toBe(
            shares.reduce((sum, { area, share }) => sum + share * values[minute * areas + area]!, 0),
          );
      }
    }),
  );
});
