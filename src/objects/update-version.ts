// Tags and ACL of one version: the two things about it that may change. LastModified stays.
import { reached } from '../base/crash-points.ts';
import { encodeVersion } from '../catalog/records/version.ts';
import type { Bucket } from '../model/bucket.ts';
import type { Version } from '../model/object.ts';
import { locateVersion } from './head.ts';
import { readLiveBucket } from './live-bucket.ts';
import { refuseMissing } from './read-object.ts';
import { runStory, type Tools } from './story.ts';
import { turnOf } from './write-object.ts';

export async function updateVersion(
  tools: Tools,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  change: (version: Version) => Pick<Version, 'tags' | 'acl'>,
): Promise<Version> {
  const updated = await runStory(tools, { turns: [turnOf(bucket, key)] }, async (waitedMs) => {
    const live = await readLiveBucket(tools.catalog, bucket, waitedMs);
    if (live === undefined) return undefined;
    const found = await locateVersion(tools.catalog, bucket.id, key, versionId);
    const version = refuseMissing(found?.version, key, versionId);
    const { tags, acl } = change(version);
    const result: Version = { ...version, tags, acl };
    reached('tags or ACL: before the commit');
    return {
      change: { checks: [live.check, found!.check], writes: [[found!.check[0], encodeVersion(result)]] },
      result,
    };
  });
  reached('tags or ACL: committed, not answered');
  return updated;
}
