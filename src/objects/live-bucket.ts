// The bucket as a commit sees it: read afresh by name, still the one that the request was authorised for, and not being deleted.
import { LRUCache } from 'lru-cache';
import { Fault } from '../base/fault.ts';
import type { Catalog, Check, Row } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeBucket, encodeBucket } from '../catalog/records/bucket.ts';
import type { Bucket } from '../model/bucket.ts';
import { isKey } from './key-place.ts';

export interface LiveBucket {
  readonly bucket: Bucket;
  readonly check: Check;
}

/** A deleter that has not come to an end by then died: who wants to write takes the bucket back. */
const deletingMsMax = 3000;

export async function readBucket(catalog: Catalog, name: string): Promise<LiveBucket | undefined> {
  if (!isKey(name)) return undefined;
  const key = keys.bucket(name);
  const row = await catalog.get(key);
  return row && { bucket: decoded(catalog, name, row), check: [key, row.version] };
}

/** A bucket is read several times per request and changes seldom; no two rows of one key ever have the same version. */
const lastDecoded = new WeakMap<Catalog, LRUCache<string, { version: number; bucket: Bucket }>>();
const decodedMax = 1000;

function decoded(catalog: Catalog, name: string, { version, value }: Row): Bucket {
  let ofCatalog = lastDecoded.get(catalog);
  if (ofCatalog === undefined) {
    ofCatalog = new LRUCache({ max: decodedMax });
    lastDecoded.set(catalog, ofCatalog);
  }
  const last = ofCatalog.get(name);
  if (last?.version === version) return last.bucket;
  const bucket = decodeBucket(value);
  ofCatalog.set(name, { version, bucket });
  return bucket;
}

/** `undefined`: the bucket is being deleted, try again. */
export async function readLiveBucket(
  catalog: Catalog,
  expected: Bucket,
  waitedMs: number,
): Promise<LiveBucket | undefined> {
  const found = await readBucket(catalog, expected.name);
  if (found?.bucket.id !== expected.id) throw new Fault({ kind: 'bucket-missing', bucket: expected.name });
  if (found.bucket.state === 'active') return found;
  if (waitedMs > deletingMsMax) {
    const active = encodeBucket({ ...found.bucket, state: 'active' });
    await catalog.commit({ checks: [found.check], writes: [[found.check[0], active]] });
  }
  return undefined;
}
