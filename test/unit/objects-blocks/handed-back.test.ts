// Ids that wait for packs of a partition that takes nothing new are handed back: their rows would keep it from being retired.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keys, prefixEnd, tag } from '../../../src/catalog/keys.ts';
import { decodePack } from '../../../src/catalog/records/pack.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let isOnline = true;

beforeEach(async () => {
  isOnline = true;
  world = await openWorld({ partitions: ['p1', 'p2'] });
  const seats = world.seats as Map<string, NonNullable<ReturnType<typeof world.seats.get>>>;
  seats.set('p2', { ...seats.get('p2')!, online: () => isOnline });
});

afterEach(() => world.close());

async function reserved(partition: string): Promise<number> {
  const from = keys.first(tag.pack);
  const rows = (await world.raw.range(from, prefixEnd(from), { limit: 10_000 })).map(({ value }) => decodePack(value));
  return rows.filter((row) => row.partition === partition && row.state === 'reserved').length;
}

test('within a few beats of when it goes offline', async () => {
  const { storage } = await world.worker();
  await storage.ledger.take('p1');
  await storage.ledger.take('p2');
  const before = await reserved('p1');
  expect(await reserved('p2')).toBe(before);
  expect(before).toBeGreaterThan(1);
  isOnline = false;
  // What was taken is somebody's still.
  await expect.poll(() => reserved('p2'), { timeout: 10_000 }).toBe(1);
  expect(await reserved('p1')).toBe(before);
});
