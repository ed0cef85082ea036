// DELETE in all its forms: a marker on top, the null version replaced by a marker, or one version gone for good, in which case
// the next older one becomes current again. The last version of a key leaves a `gone` head, so that its sequence is not reused.
import { reached } from '../base/crash-points.ts';
import { keys } from '../catalog/keys.ts';
import { encodeVersion } from '../catalog/records/version.ts';
import type { Bucket } from '../model/bucket.ts';
import type { Version } from '../model/object.ts';
import { checkDeleteConditions, hasConditions } from './conditions.ts';
import { releaseManifest, releaseManifests } from './drop.ts';
import { type Located, locateVersion, readHead, readNextOlder } from './head.ts';
import { readLiveBucket } from './live-bucket.ts';
import type { DeleteConditions, DeleteResult } from './objects.ts';
import { placeVersion, sequenceAfter, wallSec } from './place-version.ts';
import { type Decision, joinChanges, runStory, type Tools } from './story.ts';
import { nullVersionId } from './version-ids.ts';
import { turnOf } from './write-object.ts';

export interface RemoveAsk {
  readonly versionId?: string;
  readonly conditions?: DeleteConditions;
  /** Owns the marker. */
  readonly owner: string;
}

export async function removeObject(tools: Tools, bucket: Bucket, key: string, ask: RemoveAsk): Promise<DeleteResult> {
  const conditional = hasConditions(ask.conditions);
  const options = { turns: [turnOf(bucket, key)], ...(conditional && { conditionalKey: key }) };
  const removed = await runStory(tools, options, async (waitedMs) => {
    const live = await readLiveBucket(tools.catalog, bucket, waitedMs);
    if (live === undefined) return undefined;
    const forGood = ask.versionId !== undefined || live.bucket.versioning === 'unversioned';
    const decision = forGood
      ? await removeVersion(tools, live.bucket, key, ask)
      : await placeMarker(tools, live.bucket, key, ask);
    const { change, result } = decision;
    if (change === undefined) return { result };
    return { change: joinChanges({ checks: [live.check], writes: [] }, change), result };
  });
  reached('delete: committed, not answered');
  return removed;
}

async function placeMarker(tools: Tools, bucket: Bucket, key: string, ask: RemoveAsk): Promise<Decision<DeleteResult>> {
  const head = await readHead(tools.catalog, bucket.id, key);
  if (head.live !== undefined) checkDeleteConditions(ask.conditions ?? {}, head.live);
  else if (hasConditions(ask.conditions)) return { result: { deleteMarker: false } };
  const placed = await placeVersion(tools, bucket, key, head, emptyVersion('marker', ask.owner, wallSec(tools)));
  const released = await releaseManifests(tools.catalog, placed.replaced, tools.clock.wallMs());
  reached('delete: before the marker');
  return {
    change: joinChanges(placed.change, released),
    result: { versionId: placed.version.versionId, deleteMarker: true },
  };
}

/** Removing what is not there is no error. */
async function removeVersion(
  tools: Tools,
  bucket: Bucket,
  key: string,
  ask: RemoveAsk,
): Promise<Decision<DeleteResult>> {
  const versionId = ask.versionId ?? nullVersionId;
  const shown = ask.versionId === undefined ? undefined : { versionId };
  const found = await locateVersion(tools.catalog, bucket.id, key, versionId);
  if (found === undefined) return { result: { ...shown, deleteMarker: false } };
  checkDeleteConditions(ask.conditions ?? {}, found.version);
  const released = await releaseManifest(tools.catalog, found.version, tools.clock.wallMs());
  const removed = found.current
    ? await uncover(tools, bucket, key, found)
    : {
        checks: [found.check],
        writes: [[found.check[0], undefined], ...forgetNull(bucket, key, found.version)] as const,
      };
  reached('delete: before the commit');
  return {
    change: joinChanges(removed, released),
    result: { ...shown, deleteMarker: found.version.kind === 'marker' },
  };
}

/** Takes the current version away: what lay below it becomes current. */
async function uncover(tools: Tools, bucket: Bucket, key: string, found: Located) {
  const below = await readNextOlder(tools.catalog, bucket.id, key);
  if (below !== undefined) {
    return {
      checks: [found.check, below.check],
      writes: [
        [found.check[0], encodeVersion(below.version)] as const,
        [below.check[0], undefined] as const,
        ...forgetNull(bucket, key, below.version),
      ],
    };
  }
  const sequence = await sequenceAfter(tools, found.version);
  const gone: Version = { ...emptyVersion('gone', '', wallSec(tools)), sequence, versionId: nullVersionId };
  return { checks: [found.check], writes: [[found.check[0], encodeVersion(gone)] as const] };
}

/** The pointer stands only while the null version is an older one. */
const forgetNull = (bucket: Bucket, key: string, version: Version) =>
  version.versionId === nullVersionId ? [[keys.nullVersion(bucket.id, key), undefined] as const] : [];

const emptyVersion = (kind: 'marker' | 'gone', owner: string, modifiedSec: number) => ({
  kind,
  size: 0,
  modifiedSec,
  etag: '',
  attributes: { metadata: [] },
  tags: [],
  acl: { owner, grants: [] },
  checksums: [],
});
