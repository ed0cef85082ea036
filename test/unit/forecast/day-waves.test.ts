// The time of day as waves: the same numbers as worked out on the spot, wherever bins begin.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { putDayWaves, waveCount } from '../../../src/forecast/day-waves.ts';

describe('putDayWaves', () => {
  it('writes sine and cosine of a day, half a day and an hour', () => {
    const second = fc.integer({ min: 0, max: 4e9 });
    const step = fc.constantFrom(10, 60, 300, 3600, 7, 1000);
    fc.assert(
      fc.property(second, step, (sec, stepSec) => {
        const row = new Float32Array(waveCount + 2);
        putDayWaves(sec, stepSec, row, 1);
        const angle = (2 * Math.PI * (sec % 86_400)) / 86_400;
        const wanted = [1, 2, 24].flatMap((round) => [Math.sin(round * angle), Math.cos(round * angle)]);
        wanted.forEach((value, at) => {
          expect(row[1 + at]).toBeCloseTo(value, 5);
        });
        expect([row[0], row.at(-1)]).toEqual([0, 0]);
      }),
    );
  });
});
