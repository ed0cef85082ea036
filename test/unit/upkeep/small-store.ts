// A little of everything that clients can make, written by the stories themselves: what fsck and rebuild are tried on.
import { randomBytes } from 'node:crypto';
import type { ChecksumName } from '../../../src/base/fault.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { privateAcl } from '../../../src/model/acl.ts';
import type { Bucket } from '../../../src/model/bucket.ts';
import type { Objects } from '../../../src/objects/objects.ts';
import { createObjects } from '../../../src/objects/stories.ts';
import { bodyOf, never, owner, plain } from '../objects/support/fixture.ts';
import type { World } from '../objects-blocks/world.ts';

const partBytes = 5 * 1024 * 1024;

/** `long`: also an object of so many blocks that they fill a manifest, which takes 85 MiB. */
export async function fillSmall(world: World, { long = false } = {}): Promise<void> {
  const worker = await world.worker();
  const { catalog, store: blocks } = worker;
  const objects = createObjects({ catalog, blocks, clock: world.clock, random: systemRandom });
  const make = (name: string) => objects.createBucket({ name, acl: privateAcl(owner), region: 'us-east-1' });
  const flat = await make('plain');
  const put = (bucket: Bucket, key: string, size: number, declared: ChecksumName[] = []) =>
    objects.write(bucket, key, bodyOf(randomBytes(size), declared), { ...plain, conditions: {} }, { signal: never });
  for (let at = 0; at < 6; at++) await put(flat, `k${at}`, 100 + at * 70_000, at === 1 ? ['CRC32'] : []);
  await objects.remove(flat, 'k5', { owner });

  let kept = await make('kept');
  await put(kept, 'was null', 10);
  kept = await objects.updateBucket('kept', (bucket) => ({ ...bucket, versioning: 'enabled' }));
  for (let at = 0; at < 3; at++) await put(kept, 'many', 50 + at);
  await put(kept, 'was null', 20);
  await objects.remove(kept, 'many', { owner });

  const source = { bucket: flat, key: 'k2' };
  await objects.copy(
    { source, sourceConditions: {}, target: { bucket: kept, key: 'copy' }, conditions: {}, acl: plain.acl },
    never,
  );
  await upload(objects, flat, 'two parts', [partBytes, 500]);
  const { id } = await objects.createUpload(flat, 'running', { ...plain, initiator: owner });
  await objects.writePart(flat, 'running', id, 1, bodyOf(randomBytes(300)), never);
  if (long)
    await upload(
      objects,
      flat,
      'long',
      Array.from({ length: 17 }, () => partBytes),
    );
  await worker.close();
}

async function upload(objects: Objects, bucket: Bucket, key: string, sizes: readonly number[]): Promise<void> {
  const { id: uploadId } = await objects.createUpload(bucket, key, { ...plain, initiator: owner });
  const parts = [];
  for (const [at, size] of sizes.entries()) {
    const { etag } = await objects.writePart(bucket, key, uploadId, at + 1, bodyOf(randomBytes(size)), never);
    parts.push({ partNumber: at + 1, etag, checksums: [] });
  }
  await objects.completeUpload(bucket, key, { uploadId, parts, conditions: {} });
}
