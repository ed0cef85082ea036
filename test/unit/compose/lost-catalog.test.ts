// A server does not start on an empty catalog over packs that it knows nothing of.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assertCatalogNotLost } from '../../../src/compose/lost-catalog.ts';
import { raiseRun } from '../../../src/objects/runs.ts';
import { openWorld, type World } from '../objects-blocks/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld({ partitions: ['p1'] });
});
afterEach(() => world.close());

test('an empty catalog over packs is refused, over nothing or after its first run it is not', async () => {
  await expect(assertCatalogNotLost(world.raw, world.seats)).resolves.toBeUndefined();
  const writer = await world.seats.get('p1')!.partition.open('0a'.repeat(16));
  writer.append([Buffer.from('bytes')]);
  await writer.seal();
  await expect(assertCatalogNotLost(world.raw, world.seats)).rejects.toThrow(/echogate rebuild/);
  await raiseRun(world.raw);
  await expect(assertCatalogNotLost(world.raw, world.seats)).resolves.toBeUndefined();
});
