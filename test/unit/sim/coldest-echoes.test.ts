// Echoes go in the order of how little they are read, whatever was taken before.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ColdestEchoes } from '../../../src/sim/engine/coldest-echoes.ts';

const heats = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 });

it('the coldest comes first, of equals the one with the lowest key, and each once', () => {
  fc.assert(
    fc.property(heats, heats, (first, second) => {
      const echoes = new Map<number, { area: number; group: number }>();
      const ranked = new ColdestEchoes({ heatOf: (area) => now[area]! }, echoes);
      let now: readonly number[] = [];
      [first, second].forEach((all, minute) => {
        now = all;
        echoes.clear();
        for (let area = 0; area < all.length; area++) echoes.set(area, { area, group: 0 });
        const taken: number[] = [];
        for (let next = ranked.coldest(minute); next !== undefined; next = ranked.coldest(minute)) {
          expect(next.heat).toBe(all[next.at]);
          taken.push(next.at);
          ranked.take();
        }
        expect(taken).toEqual(all.map((_, at) => at).sort((a, b) => all[a]! - all[b]! || a - b));
      });
    }),
  );
});
