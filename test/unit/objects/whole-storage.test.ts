// Stories over real packs while upkeep collects and compacts behind them: every read gives the bytes that were written, and when
// all is deleted nothing stays.
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemRandom } from '../../../src/base/random.ts';
import { MiB } from '../../../src/base/units.ts';
import { keys, tag } from '../../../src/catalog/keys.ts';
import type { Bucket } from '../../../src/model/bucket.ts';
import type { Objects } from '../../../src/objects/objects.ts';
import { createObjects } from '../../../src/objects/stories.ts';
import { hurriedClock, openWorld, type World } from '../objects-blocks/world.ts';
import { collectUntil, openPilot, packsOf, rowsOf, type TestPilot } from '../upkeep/pilot.ts';
import { audit } from './support/audit.ts';
import { bodyOf, collect, faultOf, never, owner, plain } from './support/fixture.ts';

let world: World;
let pilot: TestPilot;
let workers: Objects[];
let close: (() => Promise<void>)[];
beforeEach(async () => {
  world = await openWorld({ clock: hurriedClock });
  pilot = await openPilot(world, { readMarginMs: 50, dropMarginMs: 50 });
  const opened = await Promise.all([world.worker(), world.worker()]);
  close = opened.map((worker) => () => worker.close());
  workers = opened.map(({ catalog, store }) =>
    createObjects({ catalog, blocks: store, clock: hurriedClock, random: systemRandom }),
  );
});
afterEach(() => world.close());

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

/** One worker's day: its objects say by their ETag what their bytes must be. */
async function work(objects: Objects, bucket: Bucket, seed: number): Promise<number> {
  let read = 0;
  for (let n = 0; n < 40; n++) {
    const key = `k${(n * 7 + seed) % 5}`;
    const target = `k${(n + seed) % 5}`;
    if (n % 4 < 2) {
      const bytes = randomBytes(1 + ((n * 7919 + seed * 104_729) % 300_000));
      await objects.write(bucket, key, bodyOf(bytes), { ...plain, conditions: {} }, { signal: never });
    } else if (n % 4 === 2) {
      const source = { bucket, key };
      const request = { source, sourceConditions: {}, target: { bucket, key: target }, conditions: {}, acl: plain.acl };
      const outcome = await faultOf(objects.copy(request, never));
      expect(['none', 'key-missing', 'copy-onto-itself']).toContain(outcome);
    } else if (n % 8 === 3) {
      await objects.remove(bucket, key, { owner });
    }
    try {
      const { body, version } = await objects.read(bucket, target, {}, { signal: never });
      expect(md5(await collect(body))).toBe(version.etag);
      read += 1;
    } catch (error) {
      expect((error as { fault?: { kind: string } }).fault?.kind).toBe('key-missing');
    }
  }
  return read;
}

test('objects come and go under collection and compaction, and leave nothing', async () => {
  const [one] = workers;
  const make = (name: string) => one!.createBucket({ name, acl: plain.acl, region: 'r' });
  const buckets = [await make('plain'), await make('versioned')];
  await one!.updateBucket('versioned', (old) => ({ ...old, versioning: 'enabled' }));

  let working = true;
  const upkeep = (async () => {
    while (working) {
      await sleep(1); // ticks that find nothing never leave this turn of the event loop
      await pilot.folder.tick();
      await pilot.collector.tick();
      await pilot.packs.tick();
      await pilot.compactor.tick();
    }
  })();
  const reads = await Promise.all(
    buckets.flatMap((bucket) => workers.map((objects, seed) => work(objects, bucket, seed))),
  );
  expect(Math.min(...reads)).toBeGreaterThan(0);

  const upload = await one!.createUpload(buckets[0]!, 'long', { ...plain, initiator: owner });
  const bytes = [randomBytes(9 * MiB), randomBytes(5 * MiB), randomBytes(10)];
  const parts = await Promise.all(
    bytes.map((part, n) => one!.writePart(buckets[0]!, 'long', upload.id, n + 1, bodyOf(part), never)),
  );
  await one!.completeUpload(buckets[0]!, 'long', { uploadId: upload.id, parts, conditions: {} });
  const { body } = await workers[1]!.read(buckets[0]!, 'long', {}, { signal: never });
  expect(md5(await collect(body))).toBe(md5(Buffer.concat(bytes)));
  const aborted = await one!.createUpload(buckets[0]!, 'long', { ...plain, initiator: owner });
  await one!.writePart(buckets[0]!, 'long', aborted.id, 1, bodyOf(bytes[2]!), never);
  working = false;
  await upkeep;
  expect((await audit(world.raw)).faults).toEqual([]);

  for (const bucket of buckets) {
    const { entries } = await one!.listVersions(bucket, { prefix: '', limit: 1000 });
    for (const { key, version } of entries) {
      if (version.kind === 'object') {
        const { body } = await one!.read(bucket, key, { versionId: version.versionId }, { signal: never });
        const read = await collect(body);
        if (!version.etag.includes('-')) expect(md5(read)).toBe(version.etag);
      }
      await one!.remove(bucket, key, { owner, versionId: version.versionId });
    }
    await one!.deleteBucket(bucket.name);
  }
  expect(rowsOf(world, tag.upload)).toEqual([]);
  for (const end of close) await end();
  await collectUntil(pilot, () => packsOf(world).length === 0);
  for (const kind of [tag.block, tag.dropped, tag.manifest, tag.manifestPart, tag.reference, tag.nullVersion]) {
    expect(rowsOf(world, kind)).toEqual([]);
  }
  expect(world.raw.get(keys.bucket('plain'))).toBeUndefined();
});
