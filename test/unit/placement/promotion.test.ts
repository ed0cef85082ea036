// A ready echo at the target becomes the primary for no bytes, and is never taken for an echo again.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { armCrashPoints } from '../../../src/base/crash-points.ts';
import type { Change } from '../../../src/catalog/catalog.ts';
import { keys } from '../../../src/catalog/keys.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { decodeUsage } from '../../../src/catalog/records/delta.ts';
import { decodePack } from '../../../src/catalog/records/pack.ts';
import { dropEcho } from '../../../src/echo/acts/drop-echo.ts';
import { CatalogEchoMap } from '../../../src/echo/adapters/catalog-echo-map.ts';
import type { Echo } from '../../../src/model/echo.ts';
import { packedBytes } from '../../../src/objects/packed-bytes.ts';
import { bucketId, openWorld, type Worker, type World } from '../objects-blocks/world.ts';
import { collectUntil, packsOf } from '../upkeep/pilot.ts';
import { homesOf, isRight, makeBucket, move, openActs, putAll, wrongIn } from './acts-world.ts';
import { clock, echoOf, sweep, sweeper } from './echoes-there.ts';

let world: World;
let worker: Worker;
let map: CatalogEchoMap;
beforeEach(async () => {
  world = await openWorld({ clock, partitions: ['p1', 'p2', 'p3'] });
  worker = await world.worker();
  map = new CatalogEchoMap(world.raw);
  await makeBucket(world, { partition: 'p1', weight: 1 });
});
afterEach(async () => {
  armCrashPoints(() => {});
  await world.close();
});

/** Of blocks and echoes. */
const bytesOn = async (id: string): Promise<number> => {
  let sum = 0;
  for await (const { pack, bytes } of world.seats.get(id)!.partition.list())
    if (/blocks|echo/.test(packRow(pack).holds)) sum += bytes;
  return sum;
};
const packRow = (pack: string) => decodePack(world.raw.get(keys.pack(pack))!.value);

describe('a ready echo at the target', () => {
  test('is the primary, and nothing was written there', async () => {
    const stored = await putAll(worker, 4, 200_000);
    const echoes = [await echoOf(world, worker, stored[0]!), await echoOf(world, worker, stored[2]!)];
    const { acts, hottest, ends, pilot } = await openActs(world);
    // Others change what the map says of one meanwhile.
    pilot.worker.storage.blocks.roomy = async () => {
      const [echo] = await map.of(echoes[0]!.block);
      if (echo !== undefined) await map.change(echo, echo, { ...echo, keptUntilMs: (echo.keptUntilMs ?? 0) + 1 });
      return ['p2'];
    };
    hottest.push(...echoes.map(({ block }, n) => ({ block, area: bucketId, heat: 9 - n })));
    const before = await bytesOn('p2');
    await acts.carryOut(move({ isWhole: false, bytes: 300_000 }));
    await acts.settled();
    expect(ends).toMatchObject([{ isDone: true, bytesMoved: 400_000 }]);
    expect(await bytesOn('p2')).toBe(before);
    for (const { block, place } of echoes) {
      expect(decodeBlock(world.raw.get(keys.block(block))!.value)).toMatchObject({ partition: 'p2', ...place });
      expect(packRow(place!.pack)).toMatchObject({ holds: 'blocks', state: 'sealed', areaPure: bucketId });
    }
    expect(await map.page(undefined, 10)).toEqual([]);
    expect(await sweep(pilot)).toEqual([]);
    await pilot.packs.tick();
    for (const one of stored) expect(await isRight(worker, one)).toBe(true);
    expect(await wrongIn(world)).toEqual([]);
  });

  test('stays a block whatever the map says of it later', async () => {
    const [stored] = await putAll(worker, 1, 200_000);
    const echo = await echoOf(world, worker, stored!);
    const before = await bytesOn('p2');
    const { acts, pilot } = await openActs(world);
    await acts.carryOut(move());
    await acts.settled();
    expect(await bytesOn('p2')).toBe(before);
    expect(homesOf(world)).toEqual([{ partition: 'p2', weight: 1 }]);
    // A map that was restored names it again.
    expect(await map.change(echo, undefined, echo)).toBe(true);
    expect(await sweep(pilot)).toEqual(['home-moved-here']);
    await pilot.folder.tick();
    const usage = decodeUsage(world.raw.get(keys.usage('pack', echo.place!.pack))!.value);
    expect(usage.bytes).toBe(packedBytes(200_000));
    await pilot.packs.tick();
    expect(packRow(echo.place!.pack).state).toBe('sealed');
    expect(await isRight(worker, stored!)).toBe(true);
    expect(await wrongIn(world)).toEqual([]);
  });

  test('that has rotted is not taken: the block is copied', async () => {
    const [stored] = await putAll(worker, 1, 200_000);
    const echo = await echoOf(world, worker, stored!);
    const wrong: Echo = { ...echo, place: { ...echo.place!, offset: echo.place!.offset + 1 } };
    expect(await map.change(echo, echo, wrong)).toBe(true);
    const { acts, ends } = await openActs(world);
    await acts.carryOut(move());
    await acts.settled();
    expect(ends).toMatchObject([{ isDone: true }]);
    const { partition, pack } = decodeBlock(world.raw.get(keys.block(echo.block))!.value);
    expect(partition).toBe('p2');
    expect(pack).not.toBe(echo.place!.pack);
    expect(await isRight(worker, stored!)).toBe(true);
  });
});

test('echoes that are promoted while others drop them', async () => {
  const stored = await putAll(worker, 16, 60_000);
  const echoes: Echo[] = [];
  for (const one of stored) echoes.push(await echoOf(world, worker, one));
  const { acts, ends, pilot } = await openActs(world);
  const { deps, worker: own } = pilot;
  const drop = {
    ...{ map, catalog: own.storage.catalog, deltaKey: () => own.session.deltaKey() },
    commit: (change: Change) => deps.control.commit(change),
  };
  let dropped = 0;
  let dropping: Promise<void> | undefined;
  const dropAll = async (): Promise<void> => {
    for (const echo of echoes.toReversed()) dropped += Number(await dropEcho(drop, echo));
    await sweeper(pilot, []).tick();
  };
  let reaches = 0;
  armCrashPoints((point) => {
    if (point === 'promotion: echo read back' && ++reaches === 4) dropping = dropAll();
  });
  await acts.carryOut(move());
  await acts.settled();
  await dropping;
  const isPromoted = ({ block, place }: Echo): boolean =>
    decodeBlock(world.raw.get(keys.block(block))!.value).pack === place!.pack;
  const promoted = echoes.filter(isPromoted).length;
  expect(promoted).toBeGreaterThanOrEqual(3);
  expect(dropped).toBe(16 - promoted);
  expect(dropped).toBeGreaterThan(0);
  expect(ends).toMatchObject([{ isDone: true, bytesMoved: 16 * 60_000 }]);
  await sweep(pilot);
  await collectUntil(pilot, () => packsOf(world, 'echo').every(({ state }) => state === 'reserved'));
  for (const one of stored) expect(await isRight(worker, one)).toBe(true);
  expect(await wrongIn(world)).toEqual([]);
});
