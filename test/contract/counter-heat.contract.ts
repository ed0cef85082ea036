// The part of the CounterStore contract that is about blocks: how hot each is, as time passes.
import { beforeEach, describe, expect, it } from 'vitest';
import { type CounterStore, heatedMax, heatHalfLifeSec } from '../../src/telemetry/counter-store.ts';
import { batchOf, oddNames, t0 } from './counter-batches.ts';

const blocks = (...reads: [block: string, reads: number][]) =>
  reads.map(([block, n]) => ({ block, area: 'a1', reads: n }));

/** `stores`: two openings of one place that was empty when the test began. */
export function heatContract(stores: () => { readonly store: CounterStore; readonly other: CounterStore }): void {
  describe('heat', () => {
    let store: CounterStore;
    let other: CounterStore;
    beforeEach(() => {
      ({ store, other } = stores());
    });

    it('halves, and adds up across time', async () => {
      await store.add(batchOf({ blocks: blocks(['b1', 8]) }));
      const heat = async (nowSec: number) => (await store.hottest(1, nowSec))[0]!.heat;
      expect(await heat(t0)).toBeCloseTo(8, 5);
      expect(await heat(t0 + heatHalfLifeSec)).toBeCloseTo(4, 5);
      expect(await heat(t0 + 3 * heatHalfLifeSec)).toBeCloseTo(1, 5);
      await other.add(batchOf({ blocks: blocks(['b1', 6]), timeSec: t0 + 2 * heatHalfLifeSec }));
      expect(await heat(t0 + 2 * heatHalfLifeSec)).toBeCloseTo(8, 5);
      // An hour later the old reads weigh nothing, and nothing has overflowed.
      await store.add(batchOf({ blocks: blocks(['b1', 2 ** 40]), timeSec: t0 + 3600 }));
      expect((await heat(t0 + 3600)) / 2 ** 40).toBeCloseTo(1, 6);
    });

    it('is told hottest first, with the area that was last named', async () => {
      await store.add(batchOf({ blocks: blocks(['cool', 1], ['hot', 9], ['warm', 4], ['none', 0]) }));
      await store.add(batchOf({ blocks: [{ block: 'warm', area: 'a2', reads: 1 }] }));
      const told = (await other.hottest(2, t0)).map(({ block, area }) => [block, area]);
      expect(told).toEqual([
        ['hot', 'a1'],
        ['warm', 'a2'],
      ]);
      expect((await store.hottest(9, t0)).map(({ block }) => block)).toEqual(['hot', 'warm', 'cool']);
      expect(await store.hottest(0, t0)).toEqual([]);
      // Three half-lives later a few reads outweigh many old ones.
      await store.add(batchOf({ blocks: blocks(['new', 2]), timeSec: t0 + 3 * heatHalfLifeSec }));
      expect((await store.hottest(1, t0 + 3 * heatHalfLifeSec))[0]!.block).toBe('new');
    });

    it('knows blocks of any name', async () => {
      await store.add(batchOf({ blocks: oddNames.map((block, at) => ({ block, area: block, reads: 100 - at })) }));
      const told = await store.hottest(oddNames.length, t0);
      expect(told.map(({ block, area }) => [block, area])).toEqual(oddNames.map((name) => [name, name]));
    });

    it('keeps the hottest when there are too many', async () => {
      const many = Array.from({ length: heatedMax + 76 }, (_, at): [string, number] => [
        `b${at}`,
        1 + ((at * 7) % 1100),
      ]);
      for (let from = 0; from < many.length; from += 100) {
        await store.add(batchOf({ blocks: blocks(...many.slice(from, from + 100)) }));
      }
      await store.tidy(t0);
      const left = await store.hottest(5000, t0);
      expect(left.length).toBe(heatedMax);
      const hottest = many.sort((a, b) => b[1] - a[1]).slice(0, heatedMax);
      expect(left.map(({ block }) => block)).toEqual(hottest.map(([block]) => block));
    });

    it('lets go of what has grown cold', async () => {
      await store.add(batchOf({ blocks: blocks(['once', 1], ['often', 1000]) }));
      const blocksAt = async (nowSec: number) => {
        await store.tidy(nowSec);
        return (await store.hottest(9, nowSec)).map(({ block }) => block);
      };
      expect(await blocksAt(t0 + 9 * heatHalfLifeSec)).toEqual(['often', 'once']);
      expect(await blocksAt(t0 + 11 * heatHalfLifeSec)).toEqual(['often']);
      expect(await blocksAt(t0 + 21 * heatHalfLifeSec)).toEqual([]);
    });
  });
}
