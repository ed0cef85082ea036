// The contract of port EchoMap, run on every adapter: what workers that fill, read and drop echoes at once may rely on.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EchoMap } from '../../src/echo/echo-map.ts';
import type { Echo, EchoName } from '../../src/model/echo.ts';

export interface EchoMapBench {
  /** Two openings of one map that was empty. */
  readonly maps: readonly [EchoMap, EchoMap];
  dispose(): Promise<void>;
}

const block = (at: number): string => at.toString(16).padStart(32, '0');
const filling = (name: EchoName, part: Partial<Echo> = {}): Echo => ({
  ...{ ...name, state: 'filling', length: 1000, sinceMs: 1, untilMs: 15_001, isPinned: false },
  ...part,
});
const ready = (name: EchoName): Echo => ({
  ...{ ...name, state: 'ready', length: 1000, sinceMs: 2, isPinned: true },
  place: { pack: 'cd'.repeat(16), offset: 77 },
});

export function echoMapContract(name: string, make: () => Promise<EchoMapBench>): void {
  describe(`${name} as an EchoMap`, () => {
    let bench: EchoMapBench;
    let one: EchoMap;
    let other: EchoMap;
    beforeEach(async () => {
      bench = await make();
      [one, other] = bench.maps;
    });
    afterEach(() => bench.dispose());

    const p1 = { block: block(1), partition: 'p1' };
    const p2 = { block: block(1), partition: 'p2' };

    it('gives back what was written, of each block, to everybody at once', async () => {
      const descriptor: Echo = { ...p2, state: 'descriptor', length: 0, sinceMs: 3, isPinned: false };
      expect(await one.change(p2, undefined, descriptor)).toBe(true);
      expect(await one.change(p1, undefined, filling(p1))).toBe(true);
      expect(
        await one.change({ block: block(2), partition: 'p1' }, undefined, ready({ block: block(2), partition: 'p1' })),
      ).toBe(true);
      for (const map of [other, one]) {
        expect(await map.of(block(1))).toEqual([filling(p1), descriptor]);
        expect(await map.of(block(2))).toEqual([ready({ block: block(2), partition: 'p1' })]);
        expect(await map.of(block(3))).toEqual([]);
      }
    });

    it('changes what is as it was known, and nothing else', async () => {
      await one.change(p1, undefined, filling(p1));
      for (const known of [undefined, filling(p1, { untilMs: 9 }), filling(p1, { isPinned: true }), ready(p1)]) {
        expect(await other.change(p1, known, ready(p1))).toBe(false);
        expect(await other.change(p1, known, undefined)).toBe(false);
      }
      expect(await one.of(p1.block)).toEqual([filling(p1)]);
      expect(await other.change(p1, filling(p1), ready(p1))).toBe(true);
      expect(await one.change(p1, filling(p1), undefined)).toBe(false);
      expect(await one.change(p1, ready(p1), undefined)).toBe(true);
      expect(await one.change(p1, ready(p1), undefined)).toBe(false);
      expect(await other.of(p1.block)).toEqual([]);
      expect(await one.change(p1, undefined, undefined)).toBe(true);
    });

    it('has one winner of many claims', async () => {
      for (let round = 0; round < 20; round++) {
        const name = { block: block(round), partition: 'p1' };
        const claims = Array.from({ length: 16 }, (_, at) =>
          bench.maps[at % 2]!.change(name, undefined, filling(name, { sinceMs: at })),
        );
        expect((await Promise.all(claims)).filter(Boolean).length).toBe(1);
      }
    });

    it('shows all entries page by page, each once', async () => {
      const names = Array.from({ length: 25 }, (_, at) => ({ block: block(at * 7919), partition: `p${at % 3}` }));
      names.push({ block: block(0), partition: 'p1' }, { block: block(0), partition: 'p2' });
      for (const name of names) await one.change(name, undefined, ready(name));
      const seen: Echo[] = [];
      for (let after: EchoName | undefined; ; ) {
        const page = await other.page(after, 4);
        expect(page.length).toBeLessThanOrEqual(4);
        if (page.length === 0) break;
        seen.push(...page);
        after = page.at(-1)!;
      }
      const textOf = ({ block: of, partition }: EchoName) => `${of} ${partition}`;
      expect(seen.map(textOf).sort()).toEqual(names.map(textOf).sort());
    });

    it('knows partitions of any name', async () => {
      const partition = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,62}$/);
      await fc.assert(
        fc.asyncProperty(fc.nat(3), partition, async (at, of) => {
          const name = { block: block(at), partition: of };
          const [known] = (await one.of(name.block)).filter((each) => each.partition === of);
          expect(await one.change(name, known, ready(name))).toBe(true);
          expect(await other.of(name.block)).toContainEqual(ready(name));
        }),
        { numRuns: 50 },
      );
    });
  });
}
