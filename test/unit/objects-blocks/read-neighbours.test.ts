// Blocks that lie beside each other are read with one request, and each is still known to be right or not.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { isFault } from '../../../src/base/fault.ts';
import { keys } from '../../../src/catalog/keys.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { type BlockAt, copyBlocks } from '../../../src/objects/copy-blocks.ts';
import { readRun, runsOf } from '../../../src/objects/read-neighbours.ts';
import type { Partition } from '../../../src/partition/partition.ts';
import { bodyOf, bucketId, hurriedClock, openWorld, publish, readAll, type Worker, type World } from './world.ts';

let world: World | undefined;
let worker: Worker;
let reads: number;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

/** In the order of their offsets. */
async function store(
  sizes: readonly number[],
): Promise<{ readonly blocks: BlockAt[]; readonly bytes: Map<string, Buffer> }> {
  reads = 0;
  const counting = (partition: Partition): Partition => {
    const read = partition.read.bind(partition);
    partition.read = (...asked) => {
      reads += 1;
      return read(...asked);
    };
    return partition;
  };
  world = await openWorld({ clock: hurriedClock, partitions: ['p1', 'p2'], wrap: counting });
  worker = await world.worker();
  const bytes = new Map<string, Buffer>();
  const blocks: BlockAt[] = [];
  for (const [n, size] of sizes.entries()) {
    const body = randomBytes(size);
    const written = await worker.store.write({ bucket: bucketId, key: `k${n}` }, bodyOf(body), {});
    expect(await publish(worker, written)).toBe('done');
    const { id } = written.blocks[0]!;
    const row = world.raw.get(keys.block(id))!;
    bytes.set(id, body);
    blocks.push({ id, row: decodeBlock(row.value), version: row.version });
  }
  return { blocks: blocks.sort((a, b) => a.row.offset - b.row.offset), bytes };
}
const partition = (id: string) => world!.seats.get(id)?.partition;
const copy = (blocks: readonly BlockAt[]) => {
  const { catalog, session, storage } = worker;
  const commit = (change: Parameters<typeof catalog.commit>[0]) => catalog.commit(change);
  const deps = { catalog, session, ledger: storage.ledger, clock: world!.clock, partition, commit };
  return copyBlocks(deps, blocks, { partition: 'p2' });
};

test('runs keep the order, and are of one pack, ascending and not too long', () => {
  const block = fc.record({
    pack: fc.constantFrom('a', 'b'),
    offset: fc.integer({ min: 0, max: 50 }),
    length: fc.constantFrom(1, 1000, 3 << 20, 8 << 20),
  });
  fc.assert(
    fc.property(fc.array(block, { maxLength: 30 }), (rows) => {
      const all = rows.map((row, at) => ({
        id: String(at),
        version: 1,
        row: { ...row, partition: 'p' } as BlockAt['row'],
      }));
      const runs = [...runsOf(all)];
      expect(runs.flat()).toEqual(all);
      for (const run of runs) {
        expect(new Set(run.map(({ row }) => row.pack)).size).toBe(1);
        for (const [at, { row }] of run.entries())
          if (at > 0) expect(row.offset).toBeGreaterThan(run[at - 1]!.row.offset);
        if (run.length > 1) expect(run.reduce((sum, { row }) => sum + row.length, 0)).toBeLessThanOrEqual(8 << 20);
      }
    }),
  );
});

test('a run has the bytes of each of its blocks, with gaps between them or not', async () => {
  const { blocks, bytes } = await store([1, 70_000, 65_536, 3, 131_072, 20, 64_000]);
  const some = blocks.filter((_, at) => at !== 2 && at !== 5);
  const [run, ...more] = [...runsOf(some)];
  expect(more).toEqual([]);
  const read = await readRun(partition, run!);
  for (const [at, { id }] of run!.entries()) expect(Buffer.concat(read[at]!).equals(bytes.get(id)!)).toBe(true);
  expect(reads).toBe(1);
});

test('sixty blocks are copied with one request to read them, and one to read them back', async () => {
  const { blocks, bytes } = await store(Array.from({ length: 60 }, (_, n) => 100 + n));
  expect(new Set(blocks.map(({ row }) => row.pack)).size).toBe(1);
  expect((await copy(blocks)).moved).toHaveLength(60);
  expect(reads).toBe(2);
  for (const { id, row } of blocks) {
    const ref = [{ id, length: row.length }];
    expect((await readAll(worker.store.read(ref, { start: 0, end: row.length }))).equals(bytes.get(id)!)).toBe(true);
  }
});

test('one that is wrong keeps none of the others', async () => {
  const { blocks } = await store([5000, 5000, 5000]);
  const wrong = blocks.map((one, at) => (at === 1 ? { ...one, row: { ...one.row, sliceCrcs: [1] } } : one));
  await expect(readRun(partition, wrong)).rejects.toSatisfy((error) => isFault(error, 'block-corrupt'));
  const { moved, unreadable } = await copy(wrong);
  expect(unreadable).toEqual([blocks[1]!.id]);
  expect(moved).toEqual([blocks[0]!.id, blocks[2]!.id]);
});
