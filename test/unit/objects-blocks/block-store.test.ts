// The block store on a real catalog and real directories: what went in comes out, whole and in every range.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keys, prefixEnd, tag } from '../../../src/catalog/keys.ts';
import { decodePack } from '../../../src/catalog/records/pack.ts';
import { bodyOf, bucketId, hurriedClock, openWorld, publish, readAll, type Worker, type World } from './world.ts';

let world: World;
let worker: Worker;

beforeAll(async () => {
  world = await openWorld();
  worker = await world.worker();
});
afterAll(() => world.close());

const where = (key: string) => ({ bucket: bucketId, key });

test('random sizes and chunkings come back whole and in ranges', async () => {
  const sizes = fc.oneof(
    fc.integer({ min: 0, max: 200 }),
    fc.integer({ min: 65_530, max: 65_550 }),
    fc.integer({ min: 0, max: 400_000 }),
  );
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 100_000 }), fc.nat(), fc.nat(), async (size, chunk, a, b) => {
      const bytes = randomBytes(size);
      const written = await worker.store.write(where(`k${size}`), bodyOf(bytes, chunk), {});
      expect(written.size).toBe(size);
      expect(await publish(worker, written)).toBe('done');
      expect((await readAll(worker.store.read(written.blocks, { start: 0, end: size }))).equals(bytes)).toBe(true);
      if (size === 0) return;
      const start = a % size;
      const end = start + 1 + (b % (size - start));
      const wanted = bytes.subarray(start, end);
      expect((await readAll(worker.store.read(written.blocks, { start, end }))).equals(wanted)).toBe(true);
      const small = worker.store.readSmall!(written.blocks, { start, end });
      if (small !== undefined) expect(small.equals(wanted)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('a body of several blocks is cut at 8 MiB and reads across the cuts', async () => {
  const MiB = 1024 * 1024;
  const bytes = randomBytes(17 * MiB + 5);
  const written = await worker.store.write(where('big'), bodyOf(bytes), { length: bytes.length });
  expect(written.blocks.map(({ length }) => length)).toEqual([8 * MiB, 8 * MiB, MiB + 5]);
  await publish(worker, written);
  const range = { start: 8 * MiB - 70_000, end: 16 * MiB + 70_000 };
  expect((await readAll(worker.store.read(written.blocks, range))).equals(bytes.subarray(range.start, range.end))).toBe(
    true,
  );
});

test('concurrent writes share packs and all come back', async () => {
  const all = await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      const bytes = randomBytes(1000 + n);
      const written = await worker.store.write(where(`c${n}`), bodyOf(bytes), {});
      await publish(worker, written);
      return { bytes, written };
    }),
  );
  for (const { bytes, written } of all) {
    expect(await readAll(worker.store.read(written.blocks, { start: 0, end: bytes.length }))).toEqual(bytes);
  }
});

test('a body that fails leaves nothing to publish', async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield randomBytes(100_000);
    throw new Error('the client lied');
  }
  await expect(worker.store.write(where('failing'), failing(), {})).rejects.toThrow('the client lied');
});

test('long bodies side by side come back whole, whatever memory they share', async () => {
  const sizes = [1_000_000, 1_500_001, 3_000_000, 2_097_152, 9_000_000, 4_321_098];
  for (let round = 0; round < 3; round++) {
    const all = sizes.map((size) => randomBytes(size));
    const stored = await Promise.all(
      all.map(async (bytes, n) => {
        const written = await worker.store.write(where(`long${n}`), bodyOf(bytes, 50_001), { length: bytes.length });
        expect(await publish(worker, written)).toBe('done');
        return written.blocks;
      }),
    );
    for (const [n, blocks] of stored.entries()) {
      const read = await readAll(worker.store.read(blocks, { start: 0, end: sizes[n]! }));
      expect(read.equals(all[n]!)).toBe(true);
    }
  }
});

test('a pack is marked sealed only when the fate of all its blocks is known', async () => {
  const own = await world.worker();
  const committed = await own.store.write(where('s1'), bodyOf(randomBytes(5000)), {});
  const undecided = await own.store.write(where('s2'), bodyOf(randomBytes(5000)), {});
  await publish(own, committed);
  await own.store.close();
  await own.storage.ledger.close();
  const states = () =>
    world.raw
      .range(keys.first(tag.pack), prefixEnd(keys.first(tag.pack)), { limit: 1000 })
      .map(({ value }) => decodePack(value))
      .filter(({ session, holds }) => session === own.session.id && holds === 'blocks')
      .map(({ state }) => state);
  expect(states()).toEqual(['reserved']);
  undecided.settle(); // given up
  await expect.poll(states).toEqual(['sealed']);
});

test('a pack that nobody writes to is ended, so that what dies in it can go', async () => {
  const idle = await openWorld({ clock: { ...hurriedClock, monotonicMs: () => hurriedClock.monotonicMs() * 100 } });
  try {
    const own = await idle.worker();
    await publish(own, await own.store.write(where('idle'), bodyOf(randomBytes(5000)), {}));
    const sealed = () =>
      idle.raw
        .range(keys.first(tag.pack), prefixEnd(keys.first(tag.pack)), { limit: 1000 })
        .map(({ value }) => decodePack(value))
        .filter(({ state, holds }) => state === 'sealed' && holds === 'blocks');
    expect(sealed()).toEqual([]);
    await expect.poll(() => sealed().length, { timeout: 5000 }).toBe(1);
    const again = await own.store.write(where('idle'), bodyOf(randomBytes(5000)), {});
    expect(await publish(own, again)).toBe('done');
  } finally {
    await idle.close();
  }
});
