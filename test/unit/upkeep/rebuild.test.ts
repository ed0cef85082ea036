// A catalog written anew from packs alone equals the one that was lost, also where a log was cut off in the middle of a frame, where
// a checkpoint is not whole and where logs lie in two copies; what cannot be read is told, and not guessed.
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/base/random.ts';
import { type LmdbCatalog, openLmdbCatalog } from '../../../src/catalog/adapters/lmdb-catalog.ts';
import { idOf, keys, tag } from '../../../src/catalog/keys.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { decodePack } from '../../../src/catalog/records/pack.ts';
import { decodeSetting } from '../../../src/catalog/records/setting.ts';
import { currentRun, raiseRun } from '../../../src/objects/runs.ts';
import { DirectoryPartition } from '../../../src/partition/adapters/directory-partition.ts';
import { runFsck } from '../../../src/upkeep/fsck.ts';
import { rebuildCatalog, Unreachable } from '../../../src/upkeep/rebuild.ts';
import { hurriedClock, openWorld, type World } from '../objects-blocks/world.ts';
import { openPilot, rowsOf, type TestPilot } from './pilot.ts';
import { fillSmall } from './small-store.ts';

let world: World;
let pilot: TestPilot;
let aheadMs: number;
const opened: LmdbCatalog[] = [];

beforeEach(async () => {
  aheadMs = 0;
  const clock = { ...hurriedClock, wallMs: () => hurriedClock.wallMs() + aheadMs };
  world = await openWorld({ partitions: ['p1', 'p2'], clock });
  await raiseRun(world.raw);
  pilot = await openPilot(world);
});
afterEach(async () => {
  for (const catalog of opened.splice(0)) await catalog.close();
  await world.close();
});

function empty(name: string): LmdbCatalog {
  const catalog = openLmdbCatalog({ path: join(world.folder, `${name}-${opened.length}`) });
  opened.push(catalog);
  return catalog;
}

async function rebuilt(without: readonly string[] = []) {
  const target = empty('target');
  const deps = { partitions: world.seats, scratch: empty('scratch'), target, nowMs: Date.now(), onProgress: () => {} };
  return { target, report: await rebuildCatalog(deps, without) };
}

/** What clients made, and where its bytes lie. */
const kinds = [
  tag.bucket, tag.current, tag.version, tag.nullVersion, tag.manifest, tag.manifestPart,
  tag.reference, tag.block, tag.upload, tag.finishedUpload, tag.area, tag.dropped,
] as const; // biome-ignore format: a list

function standing(catalog: LmdbCatalog): Map<string, string> {
  const rows = catalog.range(Buffer.of(1), Buffer.of(0xff), { limit: 100_000 });
  const kept = rows.filter(({ key }) => (kinds as readonly number[]).includes(key[0]!));
  return new Map(kept.map(({ key, value }) => [key.toString('hex'), value.toString('hex')]));
}

async function expectSound(catalog: LmdbCatalog, except: readonly string[] = []): Promise<void> {
  const { found } = await runFsck(
    { catalog, partitions: world.seats, random: systemRandom, nowMs: Date.now() },
    { deep: true },
  );
  const judged = found.filter(({ name }) => !except.includes(name));
  expect(judged.flatMap(({ name, examples }) => examples.map((one) => `${name}: ${one}`))).toEqual([]);
}

const pathOf = (partition: string, pack: string): string =>
  join(world.folder, partition, 'packs', pack.slice(0, 2), `${pack}.pack`);
const packsThat = (hold: 'log' | 'checkpoint') =>
  rowsOf(world, tag.pack)
    .map(({ key, value }) => ({ pack: idOf(key), ...decodePack(value) }))
    .filter(({ holds, state }) => holds === hold && state !== 'dead');

const endAll = async (): Promise<void> => {
  await pilot.worker.close();
};

test('from logs alone', async () => {
  await fillSmall(world, { long: true });
  await endAll();
  const { target, report } = await rebuilt();
  expect(standing(target)).toEqual(standing(world.raw));
  expect(report).toMatchObject({ checkpoint: undefined, damage: [], missingPacks: [], packsLeftAlone: 0 });
  expect(report.counted).toMatchObject({ buckets: 2, uploads: 1, objects: 9 });
  await expectSound(target);
});

test('from a checkpoint and what came after it, with a run above all that were seen and no session left', async () => {
  await fillSmall(world);
  await pilot.checkpointer.tick();
  const worker = await world.worker();
  const key = keys.current('0b'.repeat(16), 'after');
  await worker.catalog.commit({ checks: [], writes: [[key, rowsOf(world, tag.current)[0]!.value]] });
  await worker.catalog.commit({ checks: [], writes: [[key, undefined]] });
  await worker.close();
  await endAll();
  const { target, report } = await rebuilt();
  expect(standing(target)).toEqual(standing(world.raw));
  expect(report.checkpoint?.packs).toEqual(packsThat('checkpoint').map(({ pack }) => pack));
  expect(await currentRun(target)).toBeGreaterThan(await currentRun(world.raw));
  for (const kind of [tag.session, tag.heartbeat, tag.lease, tag.delta] as const)
    expect(target.range(keys.first(kind), Buffer.of(kind + 1), { limit: 1 })).toEqual([]);
  await expectSound(target);
});

test('the checkpoint before, where the newest is not whole', async () => {
  await fillSmall(world);
  await pilot.checkpointer.tick();
  const [first] = packsThat('checkpoint');
  aheadMs += 60_000;
  await pilot.checkpointer.tick();
  await endAll();
  const second = packsThat('checkpoint').find(({ pack }) => pack !== first!.pack)!;
  const path = pathOf(second.partition, second.pack);
  await truncate(path, (await readFile(path)).length >> 1);
  const { target, report } = await rebuilt();
  expect(report.checkpoint?.packs).toEqual([first!.pack]);
  expect(standing(target)).toEqual(standing(world.raw));
});

test('a log that a kill cut off in the middle of a frame gives what stands before it', async () => {
  const worker = await world.worker();
  const write = (name: string) =>
    worker.catalog.commit({ checks: [], writes: [[keys.setting(name), randomBytes(100)]] });
  await write('early');
  await new Promise((done) => setTimeout(done, 200)); // a flush of the hurried clock
  await write('late');
  await worker.close();
  await endAll();
  for (const { pack, partition } of packsThat('log')) {
    const path = pathOf(partition, pack);
    const bytes = await readFile(path);
    const at = bytes.indexOf(keys.setting('late'));
    if (at > 0) await writeFile(path, bytes.subarray(0, at));
  }
  const { target, report } = await rebuilt();
  expect(target.get(keys.setting('early'))).toBeDefined();
  expect(target.get(keys.setting('late'))).toBeUndefined();
  expect(report.damage).toEqual([]);
});

describe('what cannot be read', () => {
  test('a damaged log is told; its copy gives the rows', async () => {
    await fillSmall(world);
    await endAll();
    const onFirst = packsThat('log').filter(({ partition }) => partition === 'p1');
    expect(onFirst.length).toBeGreaterThan(0);
    for (const { pack } of onFirst) {
      const bytes = await readFile(pathOf('p1', pack));
      bytes[200]! ^= 1;
      await writeFile(pathOf('p1', pack), bytes);
    }
    const { target, report } = await rebuilt();
    expect(report.damage.length).toBe(onFirst.length);
    expect(standing(target)).toEqual(standing(world.raw));
  });

  test('a partition that is not there ends it, unless it is left out; its packs keep their rows', async () => {
    await fillSmall(world);
    await pilot.checkpointer.tick();
    await endAll();
    await rename(join(world.folder, 'p2'), join(world.folder, 'away'));
    await expect(rebuilt()).rejects.toThrow(Unreachable);
    const { target, report } = await rebuilt(['p2']);
    expect(standing(target)).toEqual(standing(world.raw));
    const away = new Set(
      rowsOf(world, tag.block)
        .map(({ value }) => decodeBlock(value))
        .filter((one) => one.partition === 'p2')
        .map((one) => one.pack),
    );
    for (const pack of away) expect(target.get(keys.pack(pack)), pack).toBeDefined();
    expect(report.missingPacks).toEqual([]);
    await rename(join(world.folder, 'away'), join(world.folder, 'p2'));
    // Of its logs nobody knew.
    await expectSound(target, ['packs']);
  });

  test('packs that blocks want and nobody has are told', async () => {
    await fillSmall(world);
    await endAll();
    const { pack, partition } = decodeBlock(rowsOf(world, tag.block)[0]!.value);
    await rm(pathOf(partition, pack));
    const { report } = await rebuilt();
    expect(report.missingPacks).toEqual([pack]);
  });

  test('where most packs hold nothing that came back they stay without rows, out of the reach of collection', async () => {
    const partition = await DirectoryPartition.mount({
      id: 'p1', directory: join(world.folder, 'p1'), clock: world.clock, random: systemRandom,
    }); // biome-ignore format: one thing
    await fillSmall(world);
    await endAll();
    for (const { pack, partition: at } of [...packsThat('log'), ...packsThat('checkpoint')])
      await rm(pathOf(at, pack), { force: true });
    for (let at = 0; at < 30; at++) {
      const writer = await partition.open(randomBytes(16).toString('hex'));
      writer.append([Buffer.from('not a pack')]);
      await writer.seal();
    }
    const { target, report } = await rebuilt();
    expect(report.packsLeftAlone).toBeGreaterThan(29);
    expect(target.range(keys.first(tag.pack), Buffer.of(tag.pack + 1), { limit: 10 })).toEqual([]);
    expect((await readdir(join(world.folder, 'p1', 'packs'))).length).toBeGreaterThan(0);
  });
});

test('the next checkpoint after a rebuild is due at once', async () => {
  await fillSmall(world);
  await endAll();
  const { target } = await rebuilt();
  const wish = JSON.parse(decodeSetting(target.get(keys.setting('checkpoint-wanted'))!.value)) as { run: number };
  expect(wish.run).toBe(await currentRun(target));
});
