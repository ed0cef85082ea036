// The contract of port CounterStore, run on every adapter and the wrapper: what workers that add and the pilot that reads may rely on.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CounterBatch, type CounterStore, keptSec } from '../../src/telemetry/counter-store.ts';
import { type Compiled, compiled } from './compiled.ts';
import { batchOf, demandOf, inOrder, oddNames, servedOf, sumOf, t0 } from './counter-batches.ts';
import { heatContract } from './counter-heat.contract.ts';
import type { CounterJob } from './counter-jobs.ts';
import { type CounterPlace, openAt } from './counter-place.ts';

export interface CounterHost {
  /** An empty place for one test. */
  make(): CounterPlace;
  remove(place: CounterPlace): void;
}

export function counterStoreContract(name: string, host: CounterHost): void {
  describe(`${name} as a CounterStore`, () => {
    let place: CounterPlace;
    let stores: CounterStore[];
    let store: CounterStore;
    let other: CounterStore;
    let jobs: Compiled;

    beforeAll(async () => {
      jobs = await compiled('test/contract/counter-jobs.ts');
    });
    afterAll(() => jobs.remove());
    beforeEach(() => {
      place = host.make();
      stores = [openAt(place), openAt(place)];
      [store, other] = stores as [CounterStore, CounterStore];
    });
    afterEach(async () => {
      for (const each of stores) await each.close();
      host.remove(place);
    });
    const all = async () => inOrder(await store.bins(0, Number.POSITIVE_INFINITY));

    describe('sums', () => {
      it('are those of everybody, whoever adds at once', async () => {
        const name = fc.constantFrom(...oddNames);
        const amount = fc.oneof(fc.nat(9), fc.nat(2 ** 31 - 1), fc.constantFrom(2 ** 31, 2 ** 40));
        const batch: fc.Arbitrary<CounterBatch> = fc.record({
          process: name,
          timeSec: fc.integer({ min: t0, max: t0 + 39 }),
          seconds: fc.constantFrom(0, 0.25, 1, 1.5),
          demand: fc.array(
            fc.tuple(name, name, fc.array(amount, { minLength: 4, maxLength: 4 })).map((row) => demandOf(...row)),
            {
              maxLength: 6,
            },
          ),
          served: fc.array(
            fc
              .tuple(name, fc.constantFrom('client' as const, 'upkeep' as const, 'probe' as const), amount, fc.nat(37))
              .map((row) => servedOf(...row)),
            { maxLength: 3 },
          ),
          blocks: fc.constant([]),
        });
        const before: CounterBatch[] = [];
        await fc.assert(
          fc.asyncProperty(fc.array(batch, { maxLength: 12 }), async (batches) => {
            // Counted on: what earlier runs added is there too.
            before.push(...batches);
            await Promise.all(batches.map((each, at) => stores[at % 2]!.add(each)));
            expect(await all()).toEqual(sumOf(before));
          }),
          { numRuns: 25 },
        );
      });

      it('are right between processes', async () => {
        const times = 200;
        const batch = (process: string) =>
          batchOf({
            process,
            seconds: 0.5,
            demand: [demandOf('a1', 'p1', [1, 2, 3, 4])],
            served: [servedOf('p1', 'client', 1)],
            blocks: [{ block: 'b1', area: 'a1', reads: 1 }],
          });
        const children = ['one', 'two'].map((process) => {
          const job: CounterJob = { batch: batch(process), times };
          return fork(jobs.file, [JSON.stringify(place), JSON.stringify(job)]);
        });
        for (const code of await Promise.all(children.map((child) => once(child, 'exit')))) expect(code[0]).toBe(0);
        expect(await all()).toEqual([
          {
            startSec: t0,
            seconds: times / 2,
            demand: [
              demandOf(
                'a1',
                'p1',
                [1, 2, 3, 4].map((each) => each * 2 * times),
              ),
            ],
            served: [servedOf('p1', 'client', 2 * times)],
          },
        ]);
        const [hot] = await store.hottest(1, t0);
        expect(hot!.heat).toBeCloseTo(2 * times, 3);
      }, 60_000);

      it('stay exact up to 2^52', async () => {
        const half = 2 ** 51;
        for (const each of [half - 1, 1, half - 1, 1])
          await store.add(batchOf({ demand: [demandOf('a1', 'p1', [1, 1, each, each])] }));
        expect((await all())[0]!.demand).toEqual([demandOf('a1', 'p1', [4, 4, 2 ** 52, 2 ** 52])]);
      });

      it('show rows that count nothing', async () => {
        await store.add(batchOf({ demand: [demandOf('a1', 'p1', [])], served: [servedOf('p1', 'probe', 0)] }));
        expect(await all()).toEqual(
          sumOf([batchOf({ demand: [demandOf('a1', 'p1', [])], served: [servedOf('p1', 'probe', 0)] })]),
        );
      });
    });

    describe('bins', () => {
      const starts = async (fromSec: number, toSec: number) =>
        (await store.bins(fromSec, toSec)).map(({ startSec }) => startSec);

      it('come in order of time, from the first second on and without the last; what nobody reported is absent', async () => {
        for (const timeSec of [t0 + 45.9, t0 + 9.99, t0 + 20, t0 + 10]) await store.add(batchOf({ timeSec }));
        expect(await starts(0, Number.POSITIVE_INFINITY)).toEqual([t0, t0 + 10, t0 + 20, t0 + 40]);
        expect(await starts(t0, t0 + 20)).toEqual([t0, t0 + 10]);
        expect(await starts(t0 + 0.5, t0 + 40.5)).toEqual([t0 + 10, t0 + 20, t0 + 40]);
        expect(await starts(t0 + 21, t0 + 40)).toEqual([]);
        expect(await starts(t0 + 20, t0)).toEqual([]);
      });

      it('say for how long the process watched that watched longest', async () => {
        for (const [process, seconds] of [
          ['a', 1],
          ['b', 1.5],
          ['a', 1],
          ['pilot', 0],
        ] as const) {
          await store.add(batchOf({ process, seconds }));
        }
        await store.add(batchOf({ process: 'pilot', seconds: 0, timeSec: t0 + 10 }));
        expect((await all()).map(({ seconds }) => seconds)).toEqual([2, 0]);
      });

      it('are seen by others as soon as they are added', async () => {
        for (let round = 1; round <= 50; round++) {
          await store.add(batchOf({ demand: [demandOf('a1', 'p1', [1])] }));
          expect((await other.bins(t0, t0 + 10))[0]!.demand[0]!.readOps).toBe(round);
        }
      });
    });

    heatContract(() => ({ store, other }));

    describe('tidy', () => {
      it('lets go of bins that are too old, and of no other', async () => {
        for (const timeSec of [t0, t0 + 10, t0 + 20])
          await store.add(batchOf({ timeSec, demand: [demandOf('a1', 'p1', [1])] }));
        await store.tidy(t0 + keptSec);
        expect((await all()).map(({ startSec }) => startSec)).toEqual([t0, t0 + 10, t0 + 20]);
        await store.tidy(t0 + keptSec + 10);
        expect((await all()).map(({ startSec }) => startSec)).toEqual([t0 + 10, t0 + 20]);
        // What comes late begins anew.
        await store.add(batchOf({ timeSec: t0, demand: [demandOf('a1', 'p1', [5])] }));
        expect((await all())[0]!.demand).toEqual([demandOf('a1', 'p1', [5])]);
      });
    });

    it('rejects once it is closed', async () => {
      const closed = openAt(place);
      await closed.close();
      await closed.close();
      await expect(closed.add(batchOf({}))).rejects.toThrow('closed');
      await expect(closed.bins(0, t0)).rejects.toThrow('closed');
      await expect(closed.hottest(1, t0)).rejects.toThrow('closed');
      await expect(closed.tidy(t0)).rejects.toThrow('closed');
    });
  });
}
