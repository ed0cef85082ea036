// Deleting a bucket: flip its row, so that no PUT can slip in behind the scan (every PUT's commit checks the row), then look for
// versions and markers, then remove it. Running uploads do not keep a bucket; they are aborted. What else lies under its id (gone
// heads, areas) is swept by upkeep: the id is never used again.
import { reached } from '../base/crash-points.ts';
import { Fault } from '../base/fault.ts';
import { keys, prefixEnd, tag } from '../catalog/keys.ts';
import { encodeBucket } from '../catalog/records/bucket.ts';
import { listViewOf } from '../catalog/records/version.ts';
import type { Bucket } from '../model/bucket.ts';
import type { BucketId } from '../model/ids.ts';
import { abortAllUploads } from './abort-upload.ts';
import { findBucket, turnOf } from './buckets.ts';
import { type LiveBucket, readBucket } from './live-bucket.ts';
import { createRowCursor } from './row-cursor.ts';
import { runStory, type Tools } from './story.ts';

const attemptsMax = 50;
const pauseMs = 20;

export async function deleteBucket(tools: Tools, name: string): Promise<void> {
  const bucket = await findBucket(tools, name);
  for (let tried = 0; tried < attemptsMax; tried++) {
    if (await holdsVersions(tools, bucket.id)) throw notEmpty(name); // without disturbing those who write
    if ((await removeEmpty(tools, bucket)) === 'removed') return;
    await tools.clock.sleep(pauseMs);
  }
  throw new Fault({ kind: 'overloaded', retryAfterMs: 1000, message: 'the bucket is in use' });
}

/** `disturbed`: another deleter, or a writer that waited too long, has rewritten the row. */
async function removeEmpty(tools: Tools, bucket: Bucket): Promise<'removed' | 'disturbed'> {
  const closed = await close(tools, bucket);
  if (closed === undefined) return 'removed';
  if (closed === 'disturbed') return 'disturbed';
  reached('delete bucket: closed');
  if (await holdsVersions(tools, bucket.id)) {
    const active = encodeBucket({ ...closed.bucket, state: 'active' });
    await tools.catalog.commit({ checks: [closed.check], writes: [[closed.check[0], active]] });
    throw notEmpty(bucket.name);
  }
  await abortAllUploads(tools, bucket);
  reached('delete bucket: uploads aborted');
  const change = { checks: [closed.check], writes: [[closed.check[0], undefined] as const] };
  const result = await tools.catalog.commit(change);
  reached('delete bucket: removed, not answered');
  return result === 'done' ? 'removed' : 'disturbed';
}

/** From here on no commit lands in the bucket. undefined: it is gone already. */
async function close(tools: Tools, bucket: Bucket): Promise<LiveBucket | 'disturbed' | undefined> {
  const exists = await runStory(tools, { turns: [turnOf(bucket.name)] }, async () => {
    const found = await readBucket(tools.catalog, bucket.name);
    if (found?.bucket.id !== bucket.id) return { result: false };
    const closed = encodeBucket({ ...found.bucket, state: 'deleting' });
    return { change: { checks: [found.check], writes: [[found.check[0], closed]] }, result: true };
  });
  if (!exists) return undefined;
  const closed = await readBucket(tools.catalog, bucket.name);
  if (closed?.bucket.id !== bucket.id) return undefined;
  return closed.bucket.state === 'deleting' ? closed : 'disturbed';
}

const notEmpty = (bucket: string): Fault => new Fault({ kind: 'bucket-not-empty', bucket });

/** Any version or marker; `gone` heads do not count. */
async function holdsVersions(tools: Tools, bucket: BucketId): Promise<boolean> {
  const from = keys.first(tag.current, bucket);
  const cursor = createRowCursor(tools.catalog, from, prefixEnd(from));
  for (;;) {
    const row = await cursor.peek();
    if (row === undefined) return false;
    if (listViewOf(row.value).kind !== 'gone') return true;
    cursor.advance();
  }
}
