// Partitions that cannot append (S3): each pack is one write, small blocks share one, and everything else works the same.
import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { Fault } from '../../../src/base/fault.ts';
import { tag } from '../../../src/catalog/keys.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { releaseManifest } from '../../../src/objects/drop.ts';
import type { PackWriter, Partition } from '../../../src/partition/partition.ts';
import { collectUntil, openPilot, packsOf, rowsOf } from '../upkeep/pilot.ts';
import { bodyOf, bucketId, hurriedClock, openWorld, publish, readAll, type Worker, type World } from './world.ts';

let world: World;
let failing: Set<string>;
let aheadMs: number;

afterEach(() => world.close());

/** Durable at seal only, like an S3 backend; partitions named in `failing` refuse it. */
function sealOnly(inner: Partition): Partition {
  const open = async (pack: string, hint?: number): Promise<PackWriter> => {
    const writer = await inner.open(pack, hint);
    return {
      pack,
      flushes: false,
      get size() {
        return writer.size;
      },
      append: (chunks) => writer.append(chunks),
      ready: () => writer.ready(),
      flush: async () => {},
      seal: async () => {
        if (failing.has(inner.id)) throw new Fault({ kind: 'partition-busy', partition: inner.id });
        await writer.seal();
      },
      abort: () => writer.abort(),
    };
  };
  return {
    id: inner.id,
    open,
    read: (...asked) => inner.read(...asked),
    remove: (packs) => inner.remove(packs),
    list: (after) => inner.list(after),
    stat: () => inner.stat(),
    probe: (signal) => inner.probe(signal),
    close: () => inner.close(),
  };
}

async function start(): Promise<Worker> {
  failing = new Set();
  aheadMs = 0;
  const clock = { ...hurriedClock, wallMs: () => hurriedClock.wallMs() + aheadMs };
  world = await openWorld({ clock, partitions: ['p1', 'p2'], wrap: sealOnly });
  return await world.worker();
}

async function put(worker: Worker, key: string, bytes: Buffer) {
  const written = await worker.store.write({ bucket: bucketId, key }, bodyOf(bytes), { length: bytes.length });
  expect(await publish(worker, written)).toBe('done');
  return { manifest: randomBytes(16).toString('hex'), blocks: written.blocks, bytes };
}

const isRight = async (worker: Worker, { blocks, bytes }: Awaited<ReturnType<typeof put>>) =>
  (await readAll(worker.store.read(blocks, { start: 0, end: bytes.length }))).equals(bytes);

test('small blocks that come together share packs; big ones stand alone', async () => {
  const worker = await start();
  const all = await Promise.all(Array.from({ length: 100 }, (_, n) => put(worker, `s${n}`, randomBytes(3000 + n))));
  const packs = () => new Set(rowsOf(world, tag.block).map(({ value }) => decodeBlock(value).pack)).size;
  expect(packs()).toBeLessThan(30);
  const small = packs();
  all.push(await put(worker, 'big', randomBytes(9 * 1024 * 1024)));
  expect(packs()).toBe(small + 2);
  for (const one of all) expect(await isRight(worker, one)).toBe(true);
});

test('a batch whose write fails goes to the next home, whole', async () => {
  const worker = await start();
  await put(worker, 'first', randomBytes(10));
  failing.add('p1');
  const all = await Promise.all(Array.from({ length: 40 }, (_, n) => put(worker, `s${n}`, randomBytes(500))));
  for (const one of all) expect(await isRight(worker, one)).toBe(true);
  failing.add('p2');
  await expect(put(worker, 'none', randomBytes(10))).rejects.toThrow('partition-busy');
  failing.clear();
  await put(worker, 'again', randomBytes(10));
});

test('many small packs are merged once, and what is merged is left alone', async () => {
  const worker = await start();
  const pilot = await openPilot(world);
  const all = [];
  for (let n = 0; n < 20; n++) all.push(await put(worker, `s${n}`, randomBytes(n < 10 ? 40 : 300_000)));
  const held = () => packsOf(world).filter(({ state }) => state === 'sealed').length;
  await expect.poll(held).toBe(21); // with the one that only told what kind of partition this is
  await pilot.folder.tick();
  aheadMs += 60_000;
  await pilot.compactor.tick();
  await collectUntil(pilot, () => held() === 1 && packsOf(world).every(({ state }) => state !== 'dead'));
  const generations = () => rowsOf(world, tag.block).map(({ value }) => decodeBlock(value).generation);
  expect(generations()).toEqual(generations().map(() => 1));
  for (let n = 0; n < 3; n++) {
    aheadMs += 60_000;
    await pilot.folder.tick();
    await pilot.compactor.tick();
  }
  expect(generations()).toEqual(generations().map(() => 1));
  for (const one of all) expect(await isRight(worker, one)).toBe(true);
  for (const one of all) await worker.catalog.commit(await releaseManifest(world.raw, one, world.clock.wallMs()));
  await collectUntil(pilot, () => held() === 0 && rowsOf(world, tag.usage).length === 0);
});
