// Buckets: create, find, list, change. Each is one row, which every commit to the bucket's objects checks.
import { caps } from '../base/caps.ts';
import { reached } from '../base/crash-points.ts';
import { Fault } from '../base/fault.ts';
import { randomId } from '../base/random.ts';
import { after, keys, prefixEnd, tag } from '../catalog/keys.ts';
import { decodeBucket, encodeBucket } from '../catalog/records/bucket.ts';
import type { Acl } from '../model/acl.ts';
import type { Bucket, Tag } from '../model/bucket.ts';
import { emptyPage } from './gather-page.ts';
import { isPrefix, placeAmong } from './key-place.ts';
import { readBucket, readLiveBucket } from './live-bucket.ts';
import type { ListPage } from './objects.ts';
import { createRowCursor } from './row-cursor.ts';
import { runStory, type Tools } from './story.ts';

export interface NewBucket {
  readonly name: string;
  readonly acl: Acl;
  readonly region: string;
  readonly tags?: readonly Tag[];
}

export async function createBucket(tools: Tools, asked: NewBucket): Promise<Bucket> {
  const { name, acl, region, tags = [] } = asked;
  const created = await runStory(tools, { turns: [turnOf(name)] }, async () => {
    const found = await readBucket(tools.catalog, name);
    if (found !== undefined) {
      throw new Fault({
        kind: found.bucket.acl.owner === acl.owner ? 'bucket-owned' : 'bucket-exists',
        bucket: name,
      });
    }
    await refuseTooMany(tools, acl.owner);
    const bucket: Bucket = {
      id: randomId(tools.random),
      name,
      createdMs: tools.clock.wallMs(),
      state: 'active',
      acl,
      versioning: 'unversioned',
      tags,
      region,
    };
    return {
      change: { checks: [[keys.bucket(name), 'absent']], writes: [[keys.bucket(name), encodeBucket(bucket)]] },
      result: bucket,
    };
  });
  reached('create bucket: committed, not answered');
  return created;
}

async function refuseTooMany(tools: Tools, owner: string): Promise<void> {
  const limit = caps.bucketsPerUserMax;
  const { entries } = await listBuckets(tools, { owner, prefix: '', limit });
  if (entries.length >= limit) throw new Fault({ kind: 'bucket-limit', limit });
}

export async function findBucket(tools: Tools, name: string): Promise<Bucket> {
  const found = await readBucket(tools.catalog, name);
  if (found === undefined) throw new Fault({ kind: 'bucket-missing', bucket: name });
  return found.bucket;
}

export async function listBuckets(
  tools: Tools,
  query: { owner: string; prefix: string; after?: string; limit: number },
): Promise<ListPage<Bucket>> {
  if (!isPrefix(query.prefix)) return emptyPage;
  const first = keys.first(tag.bucket);
  const from = placeAmong(first, query.prefix);
  const cursor = createRowCursor(tools.catalog, from, prefixEnd(from));
  if (query.after !== undefined) cursor.seek(after(placeAmong(first, query.after)));
  const entries: Bucket[] = [];
  if (query.limit <= 0) return { entries, commonPrefixes: [], truncated: false };
  for (;;) {
    const row = await cursor.peek();
    if (row === undefined) return pageOf(entries, false);
    cursor.advance();
    const bucket = decodeBucket(row.value);
    if (bucket.acl.owner !== query.owner) continue;
    if (entries.length >= query.limit) return pageOf(entries, true);
    entries.push(bucket);
  }
}

function pageOf(entries: Bucket[], truncated: boolean): ListPage<Bucket> {
  const next = entries.at(-1)?.name;
  return { entries, commonPrefixes: [], truncated, ...(next !== undefined && { next }) };
}

export async function updateBucket(tools: Tools, name: string, change: (bucket: Bucket) => Bucket): Promise<Bucket> {
  const bucket = await findBucket(tools, name);
  const done = await runStory(tools, { turns: [turnOf(name)] }, async (waitedMs) => {
    const live = await readLiveBucket(tools.catalog, bucket, waitedMs);
    if (live === undefined) return undefined;
    const updated: Bucket = { ...change(live.bucket), id: bucket.id, name, state: 'active' };
    return {
      change: { checks: [live.check], writes: [[live.check[0], encodeBucket(updated)]] },
      result: updated,
    };
  });
  reached('update bucket: committed, not answered');
  return done;
}

export const turnOf = (name: string): string => `bucket ${name}`;
