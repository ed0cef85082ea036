// Compaction under concurrent reads and deletes: every byte that is still referenced reads back at every moment, and the
// space of what is not comes back.
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keys, tag } from '../../../src/catalog/keys.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import type { BlockRef } from '../../../src/model/block.ts';
import { releaseManifest } from '../../../src/objects/drop.ts';
import { bodyOf, bucketId, hurriedClock, openWorld, publish, readAll, type World } from '../objects-blocks/world.ts';
import { collectUntil, openPilot, packsOf, rowsOf, type TestPilot } from './pilot.ts';

interface Stored {
  readonly manifest: string;
  readonly blocks: readonly BlockRef[];
  readonly bytes: Buffer;
}

let world: World;
let pilot: TestPilot;
let aheadMs: number;

beforeEach(async () => {
  aheadMs = 0;
  const clock = { ...hurriedClock, wallMs: () => hurriedClock.wallMs() + aheadMs };
  world = await openWorld({ clock, partitions: ['p1'] });
  pilot = await openPilot(world);
});
afterEach(() => world.close());

async function store(count: number, size: number, bucket = bucketId): Promise<Stored[]> {
  const worker = await world.worker();
  const stored = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const bytes = randomBytes(size);
      const written = await worker.store.write({ bucket, key: `k${n}` }, bodyOf(bytes), {});
      expect(await publish(worker, written)).toBe('done');
      return { manifest: randomBytes(16).toString('hex'), blocks: written.blocks, bytes };
    }),
  );
  await worker.close(); // its packs are sealed
  return stored;
}

const drop = async (held: Stored) =>
  pilot.worker.catalog.commit(await releaseManifest(world.raw, held, world.clock.wallMs()));

const isRight = async ({ blocks, bytes }: Stored) =>
  (await readAll(pilot.worker.store.read(blocks, { start: 0, end: bytes.length }))).equals(bytes);

const totalOf = (packs: ReturnType<typeof packsOf>) => packs.reduce((sum, { bytes }) => sum + bytes, 0);

/** Sealed packs are old enough for the compactor then. */
async function compactLater(): Promise<void> {
  aheadMs += 60_000;
  await pilot.compactor.tick();
}

test('sparse packs are rewritten while readers read and others delete', async () => {
  const stored = await store(120, 50_000);
  const kept = stored.filter((_, n) => n % 4 === 0);
  const late = kept.slice(0, 5);
  for (const [n, one] of stored.entries()) if (n % 4 !== 0) await drop(one);
  await collectUntil(pilot, () => rowsOf(world, tag.block).length === kept.length);
  await pilot.folder.tick();
  const before = totalOf(packsOf(world));

  let reading = true;
  let reads = 0;
  const reader = (async () => {
    while (reading) {
      for (const one of kept.slice(5)) {
        expect(await isRight(one)).toBe(true);
        reads += 1;
      }
    }
  })();
  await Promise.all([compactLater(), ...late.map(drop)]);
  await compactLater();
  try {
    await collectUntil(pilot, () => totalOf(packsOf(world)) < before / 2);
  } finally {
    reading = false;
    await reader;
  }
  expect(reads).toBeGreaterThan(0);
  for (const one of kept.slice(5)) expect(await isRight(one)).toBe(true);
  const moved = rowsOf(world, tag.block).filter(({ value }) => decodeBlock(value).generation > 0);
  expect(moved.length).toBeGreaterThan(0);
});

test('many small packs become one, of one area', async () => {
  const all: Stored[] = [];
  for (let n = 0; n < 20; n++) all.push(...(await store(1, 300_000)));
  await collectUntil(pilot, () => rowsOf(world, tag.delta).length === 0);
  await compactLater();
  await pilot.worker.storage.ledger.close();
  await collectUntil(pilot, () => packsOf(world).filter(({ state }) => state !== 'reserved').length === 1);
  expect(packsOf(world).find(({ state }) => state === 'sealed')?.areaPure).toBe(bucketId);
  for (const one of all) expect(await isRight(one)).toBe(true);
});

test('a block that rotted is never copied as if it were right', async () => {
  const [one] = await store(1, 200_000);
  await collectUntil(pilot, () => rowsOf(world, tag.delta).length === 0);
  const row = decodeBlock(world.raw.get(keys.block(one!.blocks[0]!.id))!.value);
  const folder = join(world.folder, 'p1/packs', row.pack.slice(0, 2));
  const file = (await readdir(folder)).find((name) => name.startsWith(row.pack));
  const bytes = await readFile(join(folder, file!));
  bytes[row.offset + 100_000]! ^= 1;
  await writeFile(join(folder, file!), bytes);
  await drop({ ...one!, blocks: [] });
  await expect(isRight(one!)).rejects.toThrow('block-corrupt');
  await compactLater();
  expect(decodeBlock(world.raw.get(keys.block(one!.blocks[0]!.id))!.value).pack).toBe(row.pack);
  // The slices around the damage still read.
  const range = { start: 0, end: 60_000 };
  const head = await readAll(pilot.worker.store.read(one!.blocks, range));
  expect(head.equals(one!.bytes.subarray(0, 60_000))).toBe(true);
});
