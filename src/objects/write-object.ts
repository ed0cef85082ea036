// PUT: the bytes go out once, then one commit publishes the version. Whoever loses a race decides again on what stands then.
import { caps } from '../base/caps.ts';
import { reached } from '../base/crash-points.ts';
import { Fault } from '../base/fault.ts';
import type { Change } from '../catalog/catalog.ts';
import type { Bucket } from '../model/bucket.ts';
import type { Checksum } from '../model/object.ts';
import type { WrittenBlocks } from './block-store.ts';
import { checkWriteConditions, hasConditions } from './conditions.ts';
import { releaseManifests } from './drop.ts';
import { readHead } from './head.ts';
import { readLiveBucket } from './live-bucket.ts';
import { nameBytes } from './manifest.ts';
import type { NewObject, WriteConditions, WriteResult } from './objects.ts';
import { type Placed, placeVersion, type Unplaced, wallSec } from './place-version.ts';
import { joinChanges, runStory, type Tools } from './story.ts';
import type { Digests, UploadBody } from './upload-body.ts';

export async function writeObject(
  tools: Tools,
  bucket: Bucket,
  key: string,
  body: UploadBody,
  made: NewObject & { conditions: WriteConditions },
  patience: { readonly signal: AbortSignal },
): Promise<WriteResult> {
  // Nothing is left to break off once a short body is here, and signals are dear.
  const aborting = body.atOnce === undefined ? { signal: patience.signal } : {};
  if ((body.length ?? 0) > caps.putBytesMax) throw new Fault({ kind: 'body-too-large', sizeMax: caps.putBytesMax });
  await refuseEarly(tools, bucket, key, made.conditions);
  const written = await tools.blocks.write({ bucket: bucket.id, key }, body, {
    ...(body.length === undefined ? undefined : { length: body.length }),
    ...aborting,
  });
  reached('put: all bytes durable');
  try {
    return await publishBody(tools, bucket, key, body.digests, written, made, aborting);
  } finally {
    written.settle();
  }
}

async function publishBody(
  tools: Tools,
  bucket: Bucket,
  key: string,
  digests: Digests,
  written: WrittenBlocks,
  made: NewObject & { conditions: WriteConditions },
  aborting: { readonly signal?: AbortSignal },
): Promise<WriteResult> {
  if (written.size > caps.putBytesMax) throw new Fault({ kind: 'body-too-large', sizeMax: caps.putBytesMax });
  const { bytes, writes } = nameBytes(tools.random, written.blocks);
  const result = await publish(tools, {
    bucket,
    key,
    conditions: made.conditions,
    ...aborting,
    unplaced: () => ({
      kind: 'object',
      size: written.size,
      modifiedSec: wallSec(tools),
      etag: digests.md5.toString('hex'),
      attributes: made.attributes,
      tags: made.tags,
      acl: made.acl,
      checksums: checksumsOf(digests),
      ...bytes,
    }),
    rows: () => {
      reached('put: before the commit');
      return { checks: written.checks, writes: [...written.writes, ...writes] };
    },
  });
  reached('put: committed, not answered');
  return result;
}

export interface Publication {
  readonly bucket: Bucket;
  readonly key: string;
  readonly conditions: WriteConditions;
  readonly signal?: AbortSignal;
  readonly unplaced: () => Unplaced;
  /** What else the commit holds; asked anew for every attempt. */
  readonly rows: (result: WriteResult) => Change | Promise<Change>;
}

/** One commit makes the version visible on top of its key. */
export function publish(tools: Tools, asked: Publication): Promise<WriteResult> {
  const { bucket, key, conditions } = asked;
  const options = {
    turns: [turnOf(bucket, key)],
    ...(hasConditions(conditions) && { conditionalKey: key }),
    ...(asked.signal && { signal: asked.signal }),
  };
  return runStory(tools, options, async (waitedMs) => {
    const live = await readLiveBucket(tools.catalog, bucket, waitedMs);
    if (live === undefined) return undefined;
    const head = await readHead(tools.catalog, bucket.id, key);
    checkWriteConditions(conditions, key, head.live);
    const placed = await placeVersion(tools, live.bucket, key, head, asked.unplaced());
    const released = await releaseManifests(tools.catalog, placed.replaced, tools.clock.steadyMs());
    const result = resultOf(live.bucket, placed);
    const rows = await asked.rows(result);
    return { change: joinChanges({ checks: [live.check], writes: [] }, rows, placed.change, released), result };
  });
}

export const turnOf = (bucket: Bucket, key: string): string => `${bucket.id}/${key}`;

export const resultOf = (bucket: Bucket, { version }: Placed): WriteResult => ({
  version,
  ...(bucket.versioning === 'enabled' && { versionId: version.versionId }),
});

export const checksumsOf = (digests: Digests): Checksum[] =>
  [...digests.checksums].map(([algorithm, value]) => ({ algorithm, type: 'FULL_OBJECT', value }));

/** Before the first byte is taken, or dropped: a condition that fails now may fail the request now. */
export async function refuseEarly(
  tools: Tools,
  bucket: Bucket,
  key: string,
  conditions: WriteConditions,
): Promise<void> {
  if (!hasConditions(conditions)) return;
  checkWriteConditions(conditions, key, (await readHead(tools.catalog, bucket.id, key)).live);
}
