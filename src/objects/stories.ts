// The binder: every story of this folder with what it needs, as one `Objects`.
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { abortUpload } from './abort-upload.ts';
import type { BlockStore } from './block-store.ts';
import { createBucket, findBucket, listBuckets, updateBucket } from './buckets.ts';
import { completeUpload } from './complete-upload.ts';
import { copyObject } from './copy-object.ts';
import { copyPart } from './copy-part.ts';
import { createUpload } from './create-upload.ts';
import { deleteBucket } from './delete-bucket.ts';
import { listObjects } from './list-objects.ts';
import { listParts } from './list-parts.ts';
import { listUploads } from './list-uploads.ts';
import { listVersions } from './list-versions.ts';
import type { Objects } from './objects.ts';
import { listPartsOf } from './parts-of.ts';
import { findObject, peekVersion, readObject } from './read-object.ts';
import { removeObject } from './remove-object.ts';
import { findUpload } from './running-upload.ts';
import type { Parts } from './story.ts';
import { createTurns } from './turns.ts';
import { updateVersion } from './update-version.ts';
import { writeObject } from './write-object.ts';
import { writePart } from './write-part.ts';

export interface ObjectsOptions {
  readonly catalog: Catalog;
  readonly blocks: BlockStore;
  readonly clock: Clock;
  readonly random: Random;
}

export function createObjects(options: ObjectsOptions): Objects {
  const parts: Parts = { ...options, turns: createTurns() };
  return {
    createBucket: (request) => createBucket(parts, request),
    bucket: (name) => findBucket(parts, name),
    listBuckets: (query) => listBuckets(parts, query),
    deleteBucket: (name) => deleteBucket(parts, name),
    updateBucket: (name, change) => updateBucket(parts, name, change),

    peek: (bucket, key, versionId) => peekVersion(parts, bucket, key, versionId),
    find: (bucket, key, ask) => findObject(parts, bucket, key, ask),
    read: (bucket, key, ask, signal) => readObject(parts, bucket, key, ask, signal),
    write: (bucket, key, body, made, signal) => writeObject(parts, bucket, key, body, made, signal),
    remove: (bucket, key, ask) => removeObject(parts, bucket, key, ask),
    copy: (request, signal) => copyObject(parts, request, signal),
    updateVersion: (bucket, key, versionId, change) => updateVersion(parts, bucket, key, versionId, change),
    parts: async ({ manifest, partCount }, query) =>
      manifest === undefined || partCount === undefined
        ? { parts: [], truncated: false }
        : listPartsOf(parts.catalog, manifest, query),

    list: (bucket, query) => listObjects(parts, bucket, query),
    listVersions: (bucket, query) => listVersions(parts, bucket, query),

    createUpload: (bucket, key, made) => createUpload(parts, bucket, key, made),
    upload: (bucket, key, uploadId) => findUpload(parts, bucket, key, uploadId),
    writePart: (bucket, key, uploadId, partNumber, body, signal) =>
      writePart(parts, { bucket, key, uploadId, partNumber }, body, signal),
    copyPart: (request, signal) => copyPart(parts, request, signal),
    completeUpload: (bucket, key, request) => completeUpload(parts, bucket, key, request),
    abortUpload: (bucket, key, uploadId, ask) => abortUpload(parts, bucket, key, uploadId, ask),
    listParts: (bucket, key, uploadId, query) => listParts(parts, bucket, key, uploadId, query),
    listUploads: (bucket, query) => listUploads(parts, bucket, query),
  };
}
