// Where the new blocks of an area with several homes go: to each its share, and nowhere else while the homes take them.
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { keys } from '../../../src/catalog/keys.ts';
import { type AreaHome, encodeArea } from '../../../src/catalog/records/area.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { drawHomes, HomeTurns } from '../../../src/objects/home-turns.ts';
import { FaultyPartition } from '../../../src/partition/wrappers/faulty-partition.ts';
import { bodyOf, bucketId, openWorld, publish, type Worker, type World } from './world.ts';

const homes = fc
  .uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })
  .chain((ids) =>
    fc.tuple(
      ...ids.map((id) => fc.double({ min: 0.01, max: 10, noNaN: true }).map((weight) => home(`p${id}`, weight))),
    ),
  );
const home = (partition: string, weight: number): AreaHome => ({ partition, weight });
const shareOf = (wanted: AreaHome, all: readonly AreaHome[]): number =>
  wanted.weight / all.reduce((sum, { weight }) => sum + weight, 0);

describe('turns of homes', () => {
  it('name every home once, whatever the point and the weights', () => {
    const weights = fc.oneof(fc.constant(0), fc.double({ min: -1, max: 1, noNaN: true }));
    const any = fc.array(weights, { maxLength: 5 }).map((all) => all.map((weight, at) => home(`p${at}`, weight)));
    fc.assert(
      fc.property(any, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (all, point) => {
        expect(drawHomes(all, point).sort()).toEqual(all.map(({ partition }) => partition).sort());
      }),
    );
  });

  it('give each home its share of any run of blocks, also when another area takes every other turn', () => {
    fc.assert(
      fc.property(homes, homes, fc.nat(5000), (own, others, before) => {
        const turns = new HomeTurns();
        for (let n = 0; n < before; n++) turns.next(others);
        const firsts = Array.from({ length: 2000 }, () => {
          turns.next(others);
          return turns.next(own)[0];
        });
        for (const one of own) {
          const share = firsts.filter((id) => id === one.partition).length / firsts.length;
          expect(Math.abs(share - shareOf(one, own))).toBeLessThan(0.01);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('leave out a home without weight until the others fail', () => {
    const own = [home('p1', 0), home('p2', 1)];
    for (const point of [0, 0.3, 0.999]) expect(drawHomes(own, point)).toEqual(['p2', 'p1']);
  });
});

describe('an area with the homes p1 (0.7) and p2 (0.3)', () => {
  let world: World;
  let worker: Worker;
  afterEach(() => world.close());

  const open = async (downId?: string): Promise<void> => {
    world = await openWorld({
      wrap: (partition) => {
        const fault = { kind: 'partition-down', partition: partition.id, message: 'on purpose' } as const;
        const rules = partition.id === downId ? [{ fault }] : [];
        return new FaultyPartition(partition, { random: systemRandom, clock: systemClock, rules });
      },
    });
    worker = await world.worker();
    const area = encodeArea({ id: bucketId, homes: [home('p1', 0.7), home('p2', 0.3)] });
    await world.raw.commit({ checks: [], writes: [[keys.area(bucketId, ''), area]] });
  };
  const write = async (count: number): Promise<Map<string, number>> => {
    const found = new Map<string, number>();
    for (let n = 0; n < count; n++) {
      const body = Buffer.alloc(100, n);
      const written = await worker.store.write({ bucket: bucketId, key: `k${n}` }, bodyOf(body), { length: 100 });
      expect(await publish(worker, written)).toBe('done');
      const { partition } = decodeBlock(world.raw.get(keys.block(written.blocks[0]!.id))!.value);
      found.set(partition, (found.get(partition) ?? 0) + 1);
    }
    return found;
  };

  it('has seven of ten new blocks on p1 and three on p2', async () => {
    await open();
    const found = await write(200);
    expect([...found.keys()].sort()).toEqual(['p1', 'p2']);
    expect(Math.abs(found.get('p1')! - 140)).toBeLessThanOrEqual(3);
  });

  it('has all of them on p2 while p1 is down', async () => {
    await open('p1');
    expect([...(await write(20))]).toEqual([['p2', 20]]);
  });
});
