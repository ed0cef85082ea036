// Buckets: create, find, list, change. Each is one row, which every commit to the bucket's objects checks.
import { caps } from '../base/caps.ts';
import { Fault } from '../base/fault.ts';
import { randomId } from '../base/random.ts';
import { keys, prefixEnd } from '../catalog/keys.ts';
import { decodeBucket, encodeBucket } from '../catalog/records/bucket.ts';
import type { Acl } from '../model/acl.ts';
import type { Bucket, Tag } from '../model/bucket.ts';
import { readBucket, readLiveBucket } from './live-bucket.ts';
import type { ListPage } from './objects.ts';
import { after, createRowCursor } from './row-cursor.ts';
import { type Parts, runStory } from './story.ts';

export interface NewBucket {
  readonly name: string;
  readonly acl: Acl;
  readonly region: string;
  readonly tags?: readonly Tag[];
}

export function createBucket(parts: Parts, asked: NewBucket): Promise<Bucket> {
  const { name, acl, region, tags = [] } = asked;
  return runStory(parts, { turns: [turnOf(name)] }, async () => {
    const found = await readBucket(parts.catalog, name);
    if (found !== undefined) {
      throw new Fault({
        kind: found.bucket.acl.owner === acl.owner ? 'bucket-owned' : 'bucket-exists',
        bucket: name,
      });
    }
    await refuseTooMany(parts, acl.owner);
    const bucket: Bucket = {
      id: randomId(parts.random),
      name,
      createdMs: parts.clock.wallMs(),
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
}

async function refuseTooMany(parts: Parts, owner: string): Promise<void> {
  const limit = caps.bucketsPerUserMax;
  const { entries } = await listBuckets(parts, { owner, prefix: '', limit });
  if (entries.length >= limit) throw new Fault({ kind: 'bucket-limit', limit });
}

export async function findBucket(parts: Parts, name: string): Promise<Bucket> {
  const found = await readBucket(parts.catalog, name);
  if (found === undefined) throw new Fault({ kind: 'bucket-missing', bucket: name });
  return found.bucket;
}

export async function listBuckets(
  parts: Parts,
  query: { owner: string; prefix: string; after?: string; limit: number },
): Promise<ListPage<Bucket>> {
  const from = keys.bucket(query.prefix);
  const cursor = createRowCursor(parts.catalog, from, prefixEnd(from));
  if (query.after !== undefined) cursor.seek(after(keys.bucket(query.after)));
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

export async function updateBucket(parts: Parts, name: string, change: (bucket: Bucket) => Bucket): Promise<Bucket> {
  const bucket = await findBucket(parts, name);
  return runStory(parts, { turns: [turnOf(name)] }, async (waitedMs) => {
    const live = await readLiveBucket(parts.catalog, bucket, waitedMs);
    if (live === undefined) return undefined;
    const updated: Bucket = { ...change(live.bucket), id: bucket.id, name, state: 'active' };
    return {
      change: { checks: [live.check], writes: [[live.check[0], encodeBucket(updated)]] },
      result: updated,
    };
  });
}

export const turnOf = (name: string): string => `bucket ${name}`;
