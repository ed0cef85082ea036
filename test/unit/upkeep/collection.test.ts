// What lost its last reference goes, blocks, manifests and packs; what is still referenced or still read stays.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { steadied, steadyAheadMs } from '../../../src/base/clock.ts';
import type { Catalog, Write } from '../../../src/catalog/catalog.ts';
import { keys, tag } from '../../../src/catalog/keys.ts';
import { encodeManifestChunk, type ManifestEntry } from '../../../src/catalog/records/manifest.ts';
import { decodePack } from '../../../src/catalog/records/pack.ts';
import type { BlockRef } from '../../../src/model/block.ts';
import { releaseManifest, shareManifest } from '../../../src/objects/drop.ts';
import { fenceSession } from '../../../src/objects/session.ts';
import { takeCensus } from '../../../src/upkeep/census.ts';
import { PackCollector } from '../../../src/upkeep/pack-collector.ts';
import {
  bodyOf,
  bucketId,
  hurriedClock,
  openWorld,
  publish,
  readAll,
  type Worker,
  type World,
} from '../objects-blocks/world.ts';
import { collectUntil, filesOn, openPilot, packsOf, rowsOf, type TestPilot } from './pilot.ts';

let world: World;
let worker: Worker;
let pilot: TestPilot;

beforeEach(async () => {
  world = await openWorld({ clock: hurriedClock });
  worker = await world.worker();
  pilot = await openPilot(world);
});
afterEach(() => world.close());

const newId = () => randomBytes(16).toString('hex');

async function put(size: number): Promise<{ manifest: string; blocks: readonly BlockRef[]; bytes: Buffer }> {
  const bytes = randomBytes(size);
  const written = await worker.store.write({ bucket: bucketId, key: newId() }, bodyOf(bytes), {});
  expect(await publish(worker, written)).toBe('done');
  return { manifest: newId(), blocks: written.blocks, bytes };
}

const drop = async (held: Parameters<typeof releaseManifest>[1]) =>
  worker.catalog.commit(await releaseManifest(worker.catalog, held, Date.now()));

const stateOf = (pack: string): string | undefined => {
  const row = world.raw.get(keys.pack(pack));
  return row && decodePack(row.value).state;
};

const count = (kind: Parameters<typeof rowsOf>[1]) => rowsOf(world, kind).length;

test('everything dropped is collected, down to the last pack, row and total', async () => {
  const held = await Promise.all(Array.from({ length: 60 }, (_, n) => put(1 + n * 1000)));
  await worker.close();
  for (const one of held) await pilot.worker.catalog.commit(await releaseManifest(world.raw, one, Date.now()));
  expect(count(tag.dropped)).toBe(60);
  await collectUntil(pilot, () => packsOf(world).length === 0);
  for (const kind of [tag.block, tag.dropped, tag.delta, tag.usage]) expect(count(kind)).toBe(0);
  expect(packsOf(world, 'blocks')).toEqual([]);
  await collectUntil(pilot, () => rowsOf(world, tag.session).length === 1); // the pilot's own
  expect(await filesOn(world)).toBe(packsOf(world, 'log').length);
});

test('a shared manifest outlives all but its last holder', async () => {
  const held = await put(5000);
  await worker.catalog.commit(await shareManifest(worker.catalog, held.manifest));
  await worker.catalog.commit(await shareManifest(worker.catalog, held.manifest));
  for (const left of [2, 1]) {
    await drop(held);
    expect(count(tag.reference)).toBe(left - 1 > 0 ? 1 : 0);
    expect(count(tag.dropped)).toBe(0);
  }
  await drop(held);
  expect(count(tag.dropped)).toBe(1);
});

test('a drop whose commit came late spares the reads that began in between', async () => {
  const patient = await openPilot(world, { dropMarginMs: 25_000 });
  const decidedMs = Date.now() - 10_000; // then the process stood still
  const held = await put(100);
  await worker.catalog.commit(await releaseManifest(worker.catalog, held, decidedMs));
  await patient.collector.tick();
  expect(count(tag.block)).toBe(1);
  await worker.catalog.commit(await releaseManifest(worker.catalog, await put(100), Date.now() - 30_000));
  expect(count(tag.block)).toBe(2);
  await patient.collector.tick();
  expect(count(tag.block)).toBe(1);
});

test('two deletes at once cannot both think that the other holds on', async () => {
  const held = await put(100);
  await worker.catalog.commit(await shareManifest(worker.catalog, held.manifest));
  const both = await Promise.all([releaseManifest(world.raw, held, 1), releaseManifest(world.raw, held, 1)]);
  const results = await Promise.all(both.map((change) => worker.catalog.commit(change)));
  expect(results.sort()).toEqual(['conflict', 'done']);
  await drop(held);
  expect(count(tag.dropped)).toBe(1);
});

test('a manifest of manifests is taken apart, and a part that somebody else shares stays', async () => {
  const parts = await Promise.all(Array.from({ length: 250 }, () => put(200)));
  const [shared, long] = [parts[0]!, parts[1]!];
  await worker.catalog.commit(await shareManifest(worker.catalog, shared.manifest));
  const whole = newId();
  const longEntries = long.blocks.map((block): ManifestEntry => ({ kind: 'block', block }));
  const entries = parts.map(
    ({ manifest, blocks }, at): ManifestEntry =>
      at === 1 ? { kind: 'manifest', manifest, length: 200 } : { kind: 'inline', manifest, blocks },
  );
  const writes: Write[] = [
    [keys.manifest(long.manifest, 0), encodeManifestChunk({ entries: longEntries })],
    [keys.manifest(whole, 0), encodeManifestChunk({ entries })],
    [keys.manifestPart(whole, 1), Buffer.of(1)],
  ];
  await worker.catalog.commit({ checks: [], writes });
  await drop({ manifest: whole });
  await collectUntil(pilot, () => count(tag.dropped) === 0);
  expect(count(tag.manifest) + count(tag.manifestPart)).toBe(0);
  expect(rowsOf(world, tag.block).map(({ key }) => key.toString('hex', 1))).toEqual(shared.blocks.map(({ id }) => id));
  expect(await readAll(worker.store.read(shared.blocks, { start: 0, end: 200 }))).toEqual(shared.bytes);
  await drop(shared);
  await collectUntil(pilot, () => count(tag.block) === 0);
});

test('bytes that a running read may want are left alone until it ends', async () => {
  const held = await put(300_000);
  const end = worker.store.beginRead!();
  await drop(held);
  for (let round = 0; round < 20; round++) await pilot.collector.tick();
  expect(count(tag.block)).toBe(1);
  expect((await readAll(worker.store.read(held.blocks, { start: 0, end: 300_000 }))).equals(held.bytes)).toBe(true);
  end();
  await collectUntil(pilot, () => count(tag.block) === 0);
});

test('a wall clock that steps lets no bytes die under a running read', async () => {
  await world.close();
  let offsetMs = 600_000;
  const steady = steadied(hurriedClock, steadyAheadMs(hurriedClock));
  world = await openWorld({ clock: { ...steady, wallMs: () => Date.now() + offsetMs } });
  worker = await world.worker();
  pilot = await openPilot(world);
  const held = await put(1000);
  const end = worker.store.beginRead!();
  offsetMs = -600_000;
  await worker.catalog.commit(await releaseManifest(worker.catalog, held, world.clock.steadyMs()));
  offsetMs = 600_000;
  await new Promise((done) => setTimeout(done, 100)); // some heartbeats
  for (let round = 0; round < 5; round++) await pilot.collector.tick();
  expect(count(tag.block)).toBe(1);
  end();
  await collectUntil(pilot, () => count(tag.block) === 0);
});

test('a sealed pack whose only additions are not folded yet does not die', async () => {
  const held = await put(1000);
  await worker.close();
  await pilot.packs.tick();
  await pilot.packs.tick();
  expect(
    packsOf(world)
      .filter(({ bytes }) => bytes > 0)
      .map(({ state }) => state),
  ).toEqual(['sealed']);
  expect(await readAll(pilot.worker.store.read(held.blocks, { start: 0, end: 1000 }))).toEqual(held.bytes);
});

test('a log that its session never began goes with it, instead of looking lost', async () => {
  const pack = await worker.storage.ledger.take('p1', 'log');
  await fenceSession(world.raw, worker.session.id);
  await collectUntil(pilot, () => stateOf(pack) !== 'reserved');
  const { partitions } = await takeCensus(world.raw, world.seats);
  expect(partitions.get('p1')?.missingPacks).toBe(0);
  await collectUntil(pilot, () => world.raw.get(keys.pack(pack)) === undefined);
});

test('a worker that starts while the sessions are being listed keeps its packs', async () => {
  const inner = pilot.worker.catalog;
  const catalog: Catalog = {
    get: (key) => inner.get(key),
    commit: (change) => inner.commit(change),
    close: () => inner.close(),
    async range(from, to, options) {
      const rows = await inner.range(from, to, options);
      if (from[0] === tag.session) {
        const { store } = await world.worker();
        await store.write({ bucket: bucketId, key: newId() }, bodyOf(randomBytes(100)), {});
      }
      return rows;
    },
  };
  const deps = { ...pilot.deps, storage: { ...pilot.deps.storage, catalog } };
  await new PackCollector(deps, pilot.folder).tick();
  const states = packsOf(world).map(({ state }) => state);
  expect(states.length).toBeGreaterThan(0);
  expect(states).not.toContain('dead');
});
