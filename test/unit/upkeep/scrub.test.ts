// Damage is found wherever it is, told with the objects that it touches, and mended where the bytes still lie elsewhere; a round that
// was broken off goes on, and one that runs beside the server does not hurry.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemRandom } from '../../../src/base/random.ts';
import { dayMs } from '../../../src/base/units.ts';
import { keys, tag } from '../../../src/catalog/keys.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { decodePack, encodePack } from '../../../src/catalog/records/pack.ts';
import { decodeVersion } from '../../../src/catalog/records/version.ts';
import type { Location } from '../../../src/model/block.ts';
import { blocksIn, copyBlocks } from '../../../src/objects/copy-blocks.ts';
import { runFsck } from '../../../src/upkeep/fsck.ts';
import { createPace } from '../../../src/upkeep/scrub/pace.ts';
import { beginRound, scrubPiece } from '../../../src/upkeep/scrub/scrub-run.ts';
import { runScrub, type ScrubOptions } from '../../../src/upkeep/scrub.ts';
import { Scrubber } from '../../../src/upkeep/scrubber.ts';
import { hurriedClock, openWorld, type World } from '../objects-blocks/world.ts';
import { openPilot, rowsOf } from './pilot.ts';
import { fillSmall } from './small-store.ts';

let world: World;
let nowMs: number;

beforeEach(async () => {
  nowMs = 0;
  const clock = { ...hurriedClock, monotonicMs: () => hurriedClock.monotonicMs() + nowMs };
  world = await openWorld({ partitions: ['p1', 'p2'], clock });
  await fillSmall(world);
});
afterEach(() => world.close());

const scrub = (options: Partial<ScrubOptions> = {}) =>
  runScrub({ catalog: world.raw, partitions: world.seats, clock: world.clock, random: systemRandom, ...options });

/** The only block of object k3 in bucket `plain`. */
function victim(): { id: string; at: Location } {
  const version = rowsOf(world, tag.current)
    .map(({ value }) => decodeVersion(value))
    .find(({ size }) => size === 210_100);
  const id = version!.blocks![0]!.id;
  return { id, at: decodeBlock(world.raw.get(keys.block(id))!.value) };
}

async function damage({ partition, pack, offset }: Location, at: number): Promise<void> {
  const path = join(world.folder, partition, 'packs', pack.slice(0, 2), `${pack}.pack`);
  const bytes = await readFile(path);
  bytes[offset + at]! ^= 1;
  await writeFile(path, bytes);
}

/** As compaction does: the old pack still lies there. */
async function move(id: string, from: string, to: string): Promise<void> {
  const worker = await world.worker();
  const { catalog, session, storage } = worker;
  const partition = (name: string) => world.seats.get(name)?.partition;
  const deps = {
    catalog, session, partition, ledger: storage.ledger, clock: world.clock,
    commit: (change: Parameters<typeof catalog.commit>[0]) => catalog.commit(change),
  }; // biome-ignore format: one thing
  expect((await copyBlocks(deps, await blocksIn(catalog, from, [id]), { partition: to })).moved).toEqual([id]);
  await worker.close();
}

test('nothing is damaged where nothing was damaged', async () => {
  const { round, damaged } = await scrub();
  expect(damaged).toEqual([]);
  expect(round.blocks).toBe(rowsOf(world, tag.block).length);
  expect(round.bytes).toBe(rowsOf(world, tag.block).reduce((sum, { value }) => sum + decodeBlock(value).length, 0));
});

test('a changed byte of the last slice is told with the object it touches', async () => {
  const { id, at } = victim();
  await damage(at, 210_050);
  const changed = await scrub();
  expect(changed.damaged).toEqual([
    {
      block: id, partition: at.partition, pack: at.pack, offset: at.offset, mended: false,
      wrong: 'a slice does not have its CRC',
      holders: [{ bucket: 'plain', key: 'k3', versionId: 'null' }],
    },
  ]); // biome-ignore format: a value
});

test('a pack that is gone is told with all objects and uploads that it held', async () => {
  const packs = new Map(rowsOf(world, tag.block).map(({ value }) => [decodeBlock(value).pack, decodeBlock(value)]));
  for (const [pack, { partition }] of packs)
    await rm(join(world.folder, partition, 'packs', pack.slice(0, 2), `${pack}.pack`));
  const { damaged } = await scrub();
  expect(damaged.length).toBe(rowsOf(world, tag.block).length);
  expect(new Set(damaged.map(({ wrong }) => wrong))).toEqual(new Set(['its pack is not there']));
  const holders = damaged.flatMap((one) => one.holders);
  expect(holders.find(({ uploadId }) => uploadId !== undefined)?.key).toBe('running');
  expect(holders.filter(({ key }) => key === 'many')).toHaveLength(3);
  expect(holders.filter(({ key }) => key === 'k2' || key === 'copy')).toHaveLength(2);
});

test('bytes that also lie where a block was moved from are served from there again', async () => {
  const { id, at } = victim();
  await move(id, at.pack, at.partition === 'p1' ? 'p2' : 'p1');
  const moved = victim().at;
  expect(moved.pack).not.toBe(at.pack);
  await damage(moved, 5);
  const { damaged } = await scrub();
  expect(damaged.map(({ block, mended }) => [block, mended])).toEqual([[id, true]]);
  expect(victim().at).toMatchObject({ pack: at.pack, offset: at.offset });
  expect((await scrub()).damaged).toEqual([]);
  const { found } = await runFsck(
    { catalog: world.raw, partitions: world.seats, random: systemRandom, nowMs: 1 },
    { deep: true },
  );
  expect(found.flatMap(({ examples }) => examples)).toEqual([]);
});

test('a pack that was judged dead lives again when a block is mended from it', async () => {
  const { id, at } = victim();
  await move(id, at.pack, at.partition === 'p1' ? 'p2' : 'p1');
  const row = world.raw.get(keys.pack(at.pack))!;
  await world.raw.commit({ checks: [], writes: [[row.key, encodePack({ ...decodePack(row.value), state: 'dead' })]] });
  await damage(victim().at, 5);
  expect((await scrub()).damaged.map(({ mended }) => mended)).toEqual([true]);
  expect(decodePack(world.raw.get(row.key)!.value).state).toBe('sealed');
});

test('a copy that is damaged too mends nothing', async () => {
  const { id, at } = victim();
  await move(id, at.pack, at.partition === 'p1' ? 'p2' : 'p1');
  await damage(victim().at, 5);
  await damage(at, 7);
  const { damaged } = await scrub();
  expect(damaged.find(({ block }) => block === id)).toMatchObject({ mended: false });
});

test('a round that was broken off goes on where it stood', async () => {
  const { raw: catalog, seats: partitions } = world;
  const deps = {
    catalog, partitions, random: systemRandom, nowMs: () => 1, pace: async () => {},
    commit: (change: Parameters<typeof catalog.commit>[0]) => catalog.commit(change),
    copies: { of: async () => new Map() },
  }; // biome-ignore format: one thing
  const some = await scrubPiece(deps, beginRound(1), 5);
  expect(some.round).toMatchObject({ blocks: 5 });
  expect(some.round.endedMs).toBeUndefined();
  const { round, resumed } = await scrub();
  expect(resumed).toBe(true);
  expect(round.blocks).toBe(rowsOf(world, tag.block).length);
  expect((await scrub()).resumed).toBe(false);
});

test('beside the server it reads as much as its time asks for, and then rests', async () => {
  const pilot = await openPilot(world, { scrubEveryDays: 30 });
  let bytes = 0;
  const scrubber = new Scrubber(pilot.deps, (piece) => {
    bytes += piece.bytes;
  });
  const all = rowsOf(world, tag.block).reduce((sum, { value }) => sum + decodeBlock(value).length, 0);
  await pilot.folder.tick();
  nowMs += 35 * dayMs;
  await scrubber.tick();
  expect(bytes).toBe(all);
  await scrubber.tick();
  expect(bytes).toBe(all);
});

test('a rate holds reading down', async () => {
  let sleptMs = 0;
  const sleep = async (ms: number): Promise<void> => {
    sleptMs += ms;
  };
  const clock = { monotonicMs: () => sleptMs, sleep };
  const pace = createPace(clock, 1000);
  for (let at = 0; at < 10; at++) await pace(500);
  expect(sleptMs).toBeCloseTo(5000, -2);
});
