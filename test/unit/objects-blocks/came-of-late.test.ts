// A write that comes while the order of partitions is from before one came and the others began to drain: nobody is refused for it.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keys } from '../../../src/catalog/keys.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import type { Seat } from '../../../src/objects/seats.ts';
import { bodyOf, bucketId, openWorld, publish, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld({ partitions: ['p1', 'p2'] });
});
afterEach(() => world.close());

test('goes to the one that came', async () => {
  const seats = world.seats as Map<string, Seat>;
  const [one, two] = [seats.get('p1')!, seats.get('p2')!];
  seats.delete('p2');
  let drains = false;
  seats.set('p1', { ...one, online: () => !drains });
  const worker = await world.worker();
  const write = async (key: string) => {
    const written = await worker.store.write({ bucket: bucketId, key }, bodyOf(Buffer.from(key)), {});
    expect(await publish(worker, written)).toBe('done');
    return decodeBlock(world.raw.get(keys.block(written.blocks[0]!.id))!.value).partition;
  };
  expect(await write('before')).toBe('p1');
  seats.set('p2', two);
  drains = true;
  expect(await write('after')).toBe('p2');
});
