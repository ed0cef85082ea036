// When partitions fail, readers lag and senders stall: writes go to the next home, reads find moved blocks, and nobody
// starves.
import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { keys, tag } from '../../../src/catalog/keys.ts';
import { decodeBlock } from '../../../src/catalog/records/block.ts';
import { blocksIn, copyBlocks } from '../../../src/objects/copy-blocks.ts';
import { fenceSession } from '../../../src/objects/session.ts';
import { FaultyPartition } from '../../../src/partition/wrappers/faulty-partition.ts';
import { rowsOf } from '../upkeep/pilot.ts';
import { bodyOf, bucketId, hurriedClock, openWorld, publish, readAll, type World, type WorldOptions } from './world.ts';

let world: World;
const faulty = new Map<string, FaultyPartition>();

afterEach(async () => {
  for (const partition of faulty.values()) partition.rules = [];
  await world.close();
});

async function open(options: WorldOptions = {}) {
  faulty.clear();
  world = await openWorld({
    clock: hurriedClock,
    partitions: ['p1', 'p2', 'p3'],
    ...options,
    wrap: (partition) => {
      const wrapped = new FaultyPartition(partition, { random: systemRandom, clock: hurriedClock });
      faulty.set(partition.id, wrapped);
      return wrapped;
    },
  });
  return await world.worker();
}

const where = (key: string) => ({ bucket: bucketId, key });
const down = (id: string) => ({ kind: 'partition-down', partition: id, message: 'on purpose' }) as const;
const partitionsOf = () => new Set(rowsOf(world, tag.block).map(({ value }) => decodeBlock(value).partition));

test.each(['open', 'flush'] as const)('a home whose %s fails: the next home takes the bytes', async (operation) => {
  const worker = await open();
  const first = await worker.store.write(where('a'), bodyOf(randomBytes(100)), {});
  await publish(worker, first);
  expect([...partitionsOf()]).toEqual(['p1']);
  faulty.get('p1')!.rules = [{ operations: ['open', operation], fault: down('p1') }];
  const bytes = randomBytes(100_000);
  const written = await Promise.all(
    Array.from({ length: 20 }, (_, n) => worker.store.write(where(`b${n}`), bodyOf(bytes), {})),
  );
  faulty.get('p1')!.rules = [];
  for (const one of written) {
    expect(await publish(worker, one)).toBe('done');
    expect((await readAll(worker.store.read(one.blocks, { start: 0, end: 100_000 }))).equals(bytes)).toBe(true);
  }
  // What was flushed to the dropped pack before is still good.
  expect((await readAll(worker.store.read(first.blocks, { start: 0, end: 100 }))).length).toBe(100);
});

test('all partitions down: the write fails as such, and works again when one is back', async () => {
  const worker = await open();
  for (const [id, partition] of faulty) partition.rules = [{ operations: ['open', 'flush'], fault: down(id) }];
  await expect(worker.store.write(where('a'), bodyOf(randomBytes(100)), {})).rejects.toThrow('partition-down');
  faulty.get('p3')!.rules = [];
  await publish(worker, await worker.store.write(where('a'), bodyOf(randomBytes(100)), {}));
  expect([...partitionsOf()]).toEqual(['p3']);
});

test('a partition that opens no pack costs no pack rows, however often it is tried', async () => {
  const worker = await open({ partitions: ['p1'] });
  await publish(worker, await worker.store.write(where('a'), bodyOf(randomBytes(100)), {}));
  faulty.get('p1')!.rules = [
    { operations: ['flush'], fault: down('p1') },
    { operations: ['open'], fault: down('p1') },
  ];
  for (let n = 0; n < 100; n++) {
    await expect(worker.store.write(where('a'), bodyOf(randomBytes(100)), {})).rejects.toThrow('partition-down');
  }
  expect(rowsOf(world, tag.pack).length).toBeLessThan(64);
});

test('a reader whose block is moved goes on at the new place', async () => {
  const worker = await open();
  const bytes = randomBytes(900_000);
  const written = await worker.store.write(where('a'), bodyOf(bytes), {});
  await publish(worker, written);
  const reading = worker.store.read(written.blocks, { start: 0, end: bytes.length })[Symbol.asyncIterator]();
  const got = [(await reading.next()).value as Buffer];
  const { id } = written.blocks[0]!;
  const from = decodeBlock(world.raw.get(keys.block(id))!.value);
  const copy = {
    catalog: worker.catalog,
    commit: (change: Parameters<typeof worker.catalog.commit>[0]) => worker.catalog.commit(change),
    partition: (name: string) => world.seats.get(name)?.partition,
    session: worker.session,
    ledger: worker.storage.ledger,
    clock: world.clock,
  };
  const result = await copyBlocks(copy, await blocksIn(worker.catalog, from.pack, [id]), { partition: 'p2' });
  expect(result).toEqual({ moved: [id], overtaken: [], unreadable: [] });
  // The old place now says that the pack is gone, as it does once it was removed.
  faulty.get('p1')!.rules = [
    { operations: ['read'], fault: { kind: 'pack-missing', partition: 'p1', pack: from.pack } },
  ];
  for (;;) {
    const step = await reading.next();
    if (step.done) break;
    got.push(step.value);
  }
  expect(Buffer.concat(got).equals(bytes)).toBe(true);
  expect((await readAll(worker.store.read(written.blocks, { start: 5, end: 70_000 }))).length).toBe(69_995);
});

test('a bit flipped on the way is caught, and a second look gets it right', async () => {
  const worker = await open();
  const bytes = randomBytes(200_000);
  const written = await worker.store.write(where('a'), bodyOf(bytes), {});
  await publish(worker, written);
  faulty.get('p1')!.rules = [{ operations: ['read'], corrupt: true }];
  await expect(readAll(worker.store.read(written.blocks, { start: 0, end: 200_000 }))).rejects.toThrow('block-corrupt');
  expect(worker.store.readSmall!(written.blocks, { start: 10, end: 20 }) ?? bytes.subarray(10, 20)).toEqual(
    bytes.subarray(10, 20),
  );
  faulty.get('p1')!.rules = [{ operations: ['read'], corrupt: true, probability: 0.4 }];
  for (let n = 0; n < 40; n++) {
    const read = await readAll(worker.store.read(written.blocks, { start: n, end: 150_000 })).catch(() => undefined);
    if (read !== undefined) expect(read.equals(bytes.subarray(n, 150_000))).toBe(true);
  }
});

test('a fenced session publishes nothing', async () => {
  const worker = await open();
  const written = await worker.store.write(where('a'), bodyOf(randomBytes(100)), {});
  await fenceSession(world.raw, worker.session.id);
  await expect(publish(worker, written)).rejects.toThrow('session-fenced');
  expect(rowsOf(world, tag.block)).toEqual([]);
});

test('senders that stall hold little: others get through a small budget', async () => {
  const MiB = 1024 * 1024;
  const worker = await open({ bytesInFlightMax: 10 * MiB, clock: systemClock });
  let release = (): void => {};
  const stalled = new Promise<void>((resolve) => {
    release = resolve;
  });
  async function* stalling(): AsyncGenerator<Buffer> {
    yield randomBytes(700_000);
    await stalled;
    yield randomBytes(10);
  }
  const slow = Array.from({ length: 10 }, (_, n) => worker.store.write(where(`slow${n}`), stalling(), {}));
  const bytes = randomBytes(3 * MiB);
  const fast = await Promise.all(
    Array.from({ length: 4 }, (_, n) => worker.store.write(where(`fast${n}`), bodyOf(bytes), {})),
  );
  for (const one of fast) await publish(worker, one);
  release();
  for (const one of await Promise.all(slow)) {
    expect(one.size).toBe(700_010);
    expect(await publish(worker, one)).toBe('done');
  }
});

test('short bodies that do not come give their place to others, and come through in the end', async () => {
  const worker = await open({ bytesInFlightMax: 256 * 1024, clock: systemClock });
  const bytes = randomBytes(60_000);
  let release = (): void => {};
  const stalled = new Promise<void>((resolve) => {
    release = resolve;
  });
  const short = (come: Promise<void>) => ({ ...bodyOf(bytes), atOnce: () => come.then(() => bytes) });
  const put = (key: string, come: Promise<void>) =>
    worker.store.write(where(key), short(come), { length: bytes.length });
  const slow = Array.from({ length: 10 }, (_, n) => put(`slow${n}`, stalled));
  const fast = await Promise.all(Array.from({ length: 4 }, (_, n) => put(`fast${n}`, Promise.resolve())));
  release();
  for (const one of [...fast, ...(await Promise.all(slow))]) {
    expect(one.size).toBe(60_000);
    expect(await publish(worker, one)).toBe('done');
  }
  const [block] = fast;
  expect((await readAll(worker.store.read(block!.blocks, { start: 0, end: 60_000 }))).equals(bytes)).toBe(true);
});

test('an aborted write ends at once and gives its bytes back', async () => {
  const worker = await open({ bytesInFlightMax: 1024 * 1024 });
  const aborting = new AbortController();
  async function* endless(): AsyncGenerator<Buffer> {
    for (let n = 0; ; n++) {
      if (n === 40) aborting.abort(new Error('hung up'));
      yield randomBytes(10_000);
    }
  }
  const { signal } = aborting;
  await expect(worker.store.write(where('a'), endless(), { signal })).rejects.toThrow('hung up');
  const bytes = randomBytes(900_000);
  const written = await worker.store.write(where('b'), bodyOf(bytes), {});
  expect(written.size).toBe(900_000);
});

test('parts behind the first 64 MiB of an upload are spread, as are the blocks of one long body', async () => {
  const worker = await open();
  const part = (number: number) =>
    worker.store.write({ ...where('multi'), part: number }, bodyOf(Buffer.alloc(8 * 1024 * 1024)), {
      length: 8 * 1024 * 1024,
    });
  await publish(worker, await part(1));
  expect([...partitionsOf()]).toEqual(['p1']);
  for (const number of [9, 10, 11, 12]) await publish(worker, await part(number));
  expect(partitionsOf().size).toBe(3);
});

test('writes stop before the space reserve; what is there still reads', async () => {
  const worker = await open({ reserveBytes: Number.MAX_SAFE_INTEGER });
  await expect(worker.store.write(where('a'), bodyOf(randomBytes(100)), {})).rejects.toThrow('space-reserve-reached');
  const empty = await worker.store.write(where('b'), bodyOf(Buffer.alloc(0)), {});
  expect(empty.blocks).toEqual([]);
});
