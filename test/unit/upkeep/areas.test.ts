// Areas split while a bucket grows, so that at the end of an upload every partition has its share. A thousandth of the real
// thing: areas of 64 KiB for 64 MiB, bodies of up to 8 KiB for 8 MiB.
import { afterEach, expect, test } from 'vitest';
import { keys, tag, textOf } from '../../../src/catalog/keys.ts';
import { decodeArea } from '../../../src/catalog/records/area.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { encodeVersion } from '../../../src/catalog/records/version.ts';
import { privateAcl } from '../../../src/model/acl.ts';
import { areaOf } from '../../../src/objects/areas.ts';
import { bodyOf, bucketId, hurriedClock, openWorld, type Worker, type World } from '../objects-blocks/world.ts';
import { openPilot, rowsOf } from './pilot.ts';

const KiB = 1024;
let world: World;

afterEach(() => world.close());

async function put(worker: Worker, key: string, size: number): Promise<void> {
  const written = await worker.store.write({ bucket: bucketId, key }, bodyOf(Buffer.alloc(size, 1)), {});
  const version = encodeVersion({
    kind: 'object',
    sequence: 1,
    versionId: 'null',
    size,
    modifiedSec: 0,
    etag: '',
    attributes: { metadata: [] },
    tags: [],
    acl: privateAcl('owner'),
    checksums: [],
    blocks: written.blocks,
  });
  const writes = [...written.writes, [keys.current(bucketId, key), version] as const];
  expect(await worker.catalog.commit({ checks: written.checks, writes })).toBe('done');
  written.settle();
}

/** Log-uniform sizes, always the same ones. */
const sizeOf = (n: number): number => Math.floor(2 ** (((n * 7919) % 1300) / 100));

async function upload(partitions: readonly string[], order: readonly number[]): Promise<Map<string, number>> {
  world = await openWorld({ clock: hurriedClock, partitions });
  const worker = await world.worker();
  const pilot = await openPilot(world, { areaBytesMin: 64 * KiB, areaBytesMax: 1024 * KiB });
  for (let at = 0; at < order.length; at += 40) {
    const some = order.slice(at, at + 40);
    await Promise.all(some.map((n) => put(worker, `tree/${String(n).padStart(5, '0')}`, sizeOf(n))));
    await pilot.folder.tick();
    await pilot.splitter.tick();
  }
  const shares = new Map(partitions.map((id) => [id, 0]));
  let total = 0;
  for (const { value } of rowsOf(world, tag.block)) {
    const { partition, length } = decodeBlock(value);
    shares.set(partition, shares.get(partition)! + length);
    total += length;
  }
  for (const [id, bytes] of shares) shares.set(id, bytes / total);
  return shares;
}

const sorted = Array.from({ length: 900 }, (_, n) => n);
const shuffled = sorted.map((n) => (n * 1237) % 900);

test.each([
  ['in key order over four partitions', ['p1', 'p2', 'p3', 'p4'], sorted],
  ['in any order over three partitions', ['p1', 'p2', 'p3'], shuffled],
])('a tree uploaded %s', async (_, partitions, order) => {
  const shares = [...(await upload(partitions, order)).values()];
  expect(Math.min(...shares), String(shares)).toBeGreaterThan(0.15);
  expect(Math.max(...shares), String(shares)).toBeLessThan(0.4);
  // The areas tile the bucket: the first one starts at the empty key, each key lies in the last one at or before it.
  const areas = rowsOf(world, tag.area).map(({ key, value }) => ({ from: textOf(key, 1), id: decodeArea(value).id }));
  expect(areas[0]).toEqual({ from: '', id: bucketId });
  expect(new Set(areas.map(({ id }) => id)).size).toBe(areas.length);
  for (const { from, id } of areas)
    expect((await areaOf(world.raw, bucketId, `${from}\u0001`, () => 'p1')).id).toBe(id);
});
