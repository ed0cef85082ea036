// The source of a copy: what must be allowed, and where it lies.
import type { Bucket } from '../model/bucket.ts';
import type { Objects } from '../objects/objects.ts';
import { parseCopySource } from './address.ts';
import type { RequiredAction } from './operation.ts';
import { versionIdOf } from './targets.ts';

export function copySourceAction(header: string): RequiredAction {
  const { bucket, key, versionId } = parseCopySource(header);
  return versionId === undefined
    ? { action: 's3:GetObject', bucket, key }
    : { action: 's3:GetObjectVersion', bucket, key, versionId };
}

export async function copySourceOf(
  header: string,
  objects: Objects,
): Promise<{ bucket: Bucket; key: string; versionId?: string | undefined }> {
  const { bucket, key, versionId } = parseCopySource(header);
  return { bucket: await objects.bucket(bucket), key, versionId: versionIdOf({ VersionId: versionId }) };
}
