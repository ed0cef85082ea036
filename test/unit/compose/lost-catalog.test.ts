// A server does not start on an empty catalog over packs that it knows nothing of.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { assertCatalogNotLost } from '../../../src/compose/lost-catalog.ts';
import { makePlace, openFound } from '../../../src/compose/places.ts';
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

test('packs where a pool makes partitions are found too', async () => {
  const directory = join(world.folder, 'spare-2');
  const tools = { clock: systemClock, random: systemRandom };
  const domains = { capacityDomain: 'd', failureDomain: 'd' };
  const spare = { name: 'spare', directory: join(world.folder, 'spare-{n}'), max: 3, ...domains };
  const look = () => assertCatalogNotLost(world.raw, world.seats, () => openFound({ pools: [spare] }, tools));
  await expect(look()).resolves.toBeUndefined();
  const made = await makePlace({ id: 'spare-2', directory, ...domains }, tools);
  await expect(look()).resolves.toBeUndefined();
  const writer = await made.open('0a'.repeat(16));
  writer.append([Buffer.from('bytes')]);
  await writer.seal();
  await expect(look()).rejects.toThrow(/partition spare-2 holds packs/);
});
