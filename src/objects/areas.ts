// Which area a key lies in, and so where its new blocks go. A bucket without area rows is one area; its row is made by the
// first write. Splitting areas is the pilot's work.
import { reached } from '../base/crash-points.ts';
import { Fault } from '../base/fault.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys, tag } from '../catalog/keys.ts';
import { type AreaRow, decodeArea, encodeArea } from '../catalog/records/area.ts';
import type { BucketId, PartitionId } from '../model/ids.ts';

/** The greatest area row that starts at or before `key`. */
export async function findArea(catalog: Catalog, bucket: BucketId, key: string): Promise<AreaRow | undefined> {
  const upTo = Buffer.concat([keys.area(bucket, key), Buffer.of(0)]);
  const [row] = await catalog.range(keys.first(tag.area, bucket), upTo, { reverse: true, limit: 1 });
  return row && decodeArea(row.value);
}

/** The first area of a bucket has the bucket's own id. */
export async function areaOf(
  catalog: Catalog,
  bucket: BucketId,
  key: string,
  chooseHome: () => PartitionId,
): Promise<AreaRow> {
  for (let tries = 0; tries < 3; tries++) {
    const found = await findArea(catalog, bucket, key);
    if (found !== undefined) return found;
    const first: AreaRow = { id: bucket, homes: [{ partition: chooseHome(), weight: 1 }] };
    const rowKey = keys.area(bucket, '');
    const change = { checks: [[rowKey, 'absent'] as const], writes: [[rowKey, encodeArea(first)] as const] };
    if ((await catalog.commit(change)) !== 'done') continue;
    reached('areas: first made');
    return first;
  }
  throw new Fault({ kind: 'catalog-failed', message: `no area for a key of bucket ${bucket}` });
}
