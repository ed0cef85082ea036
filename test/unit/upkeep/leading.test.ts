// One leader at a time, the whole of upkeep at work, and the small doers: watermark, gone heads, orphans, expiry.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemRandom } from '../../../src/base/random.ts';
import { dayMs, minuteMs } from '../../../src/base/units.ts';
import { keys, tag, textOf } from '../../../src/catalog/keys.ts';
import { encodeArea } from '../../../src/catalog/records/area.ts';
import { decodeSession } from '../../../src/catalog/records/session.ts';
import { encodeVersion } from '../../../src/catalog/records/version.ts';
import { privateAcl } from '../../../src/model/acl.ts';
import type { VersionKind } from '../../../src/model/object.ts';
import { releaseManifest } from '../../../src/objects/drop.ts';
import { readWatermark, sequenceAt } from '../../../src/objects/sequence.ts';
import { Expiry } from '../../../src/upkeep/expiry.ts';
import { GoneSweeper } from '../../../src/upkeep/gone-sweeper.ts';
import { acquireLease } from '../../../src/upkeep/lease.ts';
import { OrphanSweeper } from '../../../src/upkeep/orphan-sweeper.ts';
import { startUpkeep } from '../../../src/upkeep/upkeep.ts';
import { Control } from '../../../src/upkeep/upkeep-deps.ts';
import { WatermarkRaiser } from '../../../src/upkeep/watermark.ts';
import { bodyOf, bucketId, hurriedClock, openWorld, publish, type World } from '../objects-blocks/world.ts';
import { filesOn, openPilot, packsOf, rowsOf } from './pilot.ts';

let world: World;
let aheadMs: number;

beforeEach(async () => {
  aheadMs = 0;
  world = await openWorld({ clock: { ...hurriedClock, wallMs: () => hurriedClock.wallMs() + aheadMs } });
});
afterEach(() => world.close());

test('a second leader fences the first, whose control writes are refused from then on', async () => {
  const first = await openPilot(world);
  const write = { checks: [], writes: [[keys.setting('x'), Buffer.of(1)] as const] };
  expect(await first.deps.control.commit(write)).toBe('done');
  const second = await openPilot(world);
  expect(decodeSession(world.raw.get(keys.session(first.worker.session.id))!.value).state).toBe('fenced');
  await expect(first.deps.control.commit(write)).rejects.toThrow('session-fenced');
  expect(await second.deps.control.commit(write)).toBe('done');
});

test('a renewal between two control writes is no conflict', async () => {
  const worker = await world.worker();
  const lease = await acquireLease({ catalog: world.raw, clock: world.clock, session: worker.session.id });
  const control = new Control(world.raw, lease);
  const writes = Array.from({ length: 20 }, (_, n) =>
    control.commit({ checks: [], writes: [[keys.setting(`x${n}`), Buffer.of(1)]] }),
  );
  const results = await Promise.all([...writes, lease.renew(), lease.renew().catch(() => {})]);
  expect(results.filter((result) => result === 'done')).toHaveLength(20);
});

test('upkeep as a whole brings a world that was written and emptied back to nothing', async () => {
  const storage = (await world.worker()).storage;
  const worker = await world.worker();
  const errors: unknown[] = [];
  const upkeep = await startUpkeep({
    catalog: world.raw,
    storage,
    partitions: world.seats,
    clock: world.clock,
    random: systemRandom,
    knobs: { readMarginMs: 0, dropMarginMs: 0, everyMsMax: 100 },
    onError: (_, error) => errors.push(error),
    onLost: (error) => errors.push(error),
  });
  const written = await Promise.all(
    Array.from({ length: 30 }, async (_, n) => {
      const one = await worker.store.write({ bucket: bucketId, key: `k${n}` }, bodyOf(randomBytes(10_000)), {});
      await publish(worker, one);
      return { manifest: randomBytes(16).toString('hex'), blocks: one.blocks };
    }),
  );
  for (const one of written) await worker.catalog.commit(await releaseManifest(world.raw, one, world.clock.wallMs()));
  await worker.close();
  await expect.poll(() => rowsOf(world, tag.block).length + packsOf(world).length, { timeout: 15_000 }).toBe(0);
  expect(rowsOf(world, tag.dropped)).toEqual([]);
  await upkeep.stop();
  expect(errors).toEqual([]);
  expect(upkeep.status().every(({ ticks }) => ticks > 0)).toBe(true);
});

test('upkeep that lost its lease says so and ends', async () => {
  const storage = (await world.worker()).storage;
  const lost = new Promise((resolve) => {
    void startUpkeep({
      catalog: world.raw,
      storage,
      partitions: world.seats,
      clock: world.clock,
      random: systemRandom,
      onError: () => {},
      onLost: resolve,
    });
  });
  await openPilot(world);
  expect(String(await lost)).toContain('session-fenced');
});

const head = (kind: VersionKind, sequence: number) =>
  encodeVersion({
    kind,
    sequence,
    versionId: 'null',
    size: 0,
    modifiedSec: 0,
    etag: '',
    attributes: { metadata: [] },
    tags: [],
    acl: privateAcl('owner'),
    checksums: [],
  });

test('gone heads go once the watermark has passed them, others never', async () => {
  const { deps } = await openPilot(world);
  const sweeper = new GoneSweeper(world.raw, deps.control);
  const raiser = new WatermarkRaiser(world.raw, deps.control, world.clock);
  const now = sequenceAt(world.clock.wallMs());
  const writes = (['gone', 'object', 'marker'] as const).map(
    (kind) => [keys.current(bucketId, kind), head(kind, now)] as const,
  );
  await world.raw.commit({ checks: [], writes });
  const standing = () => rowsOf(world, tag.current).map(({ key }) => textOf(key, 1));
  for (const [passMs, left] of [
    [0, ['gone', 'marker', 'object']],
    [60_000, ['gone', 'marker', 'object']],
    [30_000, ['marker', 'object']],
  ] as const) {
    aheadMs += passMs;
    await raiser.tick();
    await sweeper.tick();
    expect(standing()).toEqual(left);
  }
  const raised = await readWatermark(world.raw);
  aheadMs -= dayMs;
  await raiser.tick();
  expect(await readWatermark(world.raw)).toBe(raised);
});

test('packs that no row knows are swept, unless they are suspiciously many', async () => {
  const { deps } = await openPilot(world);
  const { partition } = world.seats.get('p1')!;
  const stray = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      const writer = await partition.open(randomBytes(16).toString('hex'));
      writer.append([Buffer.from('bytes')]);
      await writer.seal();
    }
  };
  const worker = await world.worker();
  await publish(worker, await worker.store.write({ bucket: bucketId, key: 'k' }, bodyOf(randomBytes(10)), {}));
  const known = await filesOn(world);
  await stray(5);
  aheadMs += minuteMs;
  const sweeper = new OrphanSweeper(deps);
  await sweeper.tick();
  expect(await filesOn(world)).toBeGreaterThanOrEqual(known);
  expect(await filesOn(world)).toBeLessThan(known + 5);
  await stray(30);
  await expect(sweeper.tick()).rejects.toThrow('is this the right catalog');
});

test('areas of a bucket that is gone go with it', async () => {
  const { deps } = await openPilot(world);
  const area = encodeArea({ id: bucketId, homes: [] });
  await world.raw.commit({ checks: [], writes: [[keys.area(bucketId, ''), area]] });
  await new Expiry(deps).tick();
  expect(rowsOf(world, tag.area)).toEqual([]);
});
