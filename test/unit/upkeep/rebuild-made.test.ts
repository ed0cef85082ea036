// A catalog that is written anew knows the partitions that were made while the server ran, and does not go on without one that is not there.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemRandom } from '../../../src/base/random.ts';
import { openLmdbCatalog } from '../../../src/catalog/adapters/lmdb-catalog.ts';
import { keys } from '../../../src/catalog/keys.ts';
import { decodePartition, encodePartition, type PartitionRow } from '../../../src/catalog/records/partition.ts';
import { raiseRun } from '../../../src/objects/runs.ts';
import { rebuildCatalog, Unreachable } from '../../../src/upkeep/rebuild.ts';
import { hurriedClock, openWorld, type World } from '../objects-blocks/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld({ partitions: ['p1'], clock: hurriedClock });
  await raiseRun(world.raw);
});
afterEach(() => world.close());

async function rebuilt(without: readonly string[] = []): Promise<PartitionRow | undefined> {
  const open = (name: string) => openLmdbCatalog({ path: join(world.folder, `${name}-${Math.random()}`) });
  const [scratch, target] = [open('scratch'), open('target')];
  try {
    const deps = { partitions: world.seats, scratch, target, random: systemRandom, nowMs: Date.now(), onProgress() {} };
    await rebuildCatalog(deps, without);
    const row = target.get(keys.partition('spare-1'));
    return row && decodePartition(row.value);
  } finally {
    await Promise.all([scratch.close(), target.close()]);
  }
}

test('rows that speak of a partition which is not there are told, and not guessed', async () => {
  const made = { pool: 'spare', place: { directory: '/nowhere' }, capacityDomain: 'd', failureDomain: 'd' };
  const worker = await world.worker();
  const write = (id: string, duty: PartitionRow['duty'], number: number) => {
    const value = encodePartition({ duty, sinceMs: 1, made: { ...made, number } });
    return worker.catalog.commit({ checks: [], writes: [[keys.partition(id), value]] });
  };
  await write('spare-1', 'draining', 1);
  await write('spare-2', 'retired', 2); // it held nothing
  await write('spare-3', 'coming', 3);
  await worker.close();
  await expect(rebuilt()).rejects.toBeInstanceOf(Unreachable);
  await expect(rebuilt()).rejects.toThrow(/^partition spare-1 cannot be read: it is not where a pool would make it$/);
  expect(await rebuilt(['spare-1'])).toMatchObject({ duty: 'draining', made: { ...made, number: 1 } });
});
