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
import type { Tools } from './story.ts';
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
  const tools: Tools = { ...options, turns: createTurns() };
  return {
    createBucket: (request) => createBucket(tools, request),
    bucket: (name) => findBucket(tools, name),
    listBuckets: (query) => listBuckets(tools, query),
    deleteBucket: (name) => deleteBucket(tools, name),
    updateBucket: (name, change) => updateBucket(tools, name, change),

    peek: (bucket, key, versionId) => peekVersion(tools, bucket, key, versionId),
    find: (bucket, key, ask) => findObject(tools, bucket, key, ask),
    read: (bucket, key, ask, patience) => readObject(tools, bucket, key, ask, patience),
    write: (bucket, key, body, made, patience) => writeObject(tools, bucket, key, body, made, patience),
    remove: (bucket, key, ask) => removeObject(tools, bucket, key, ask),
    copy: (request, signal) => copyObject(tools, request, signal),
    updateVersion: (bucket, key, versionId, change) => updateVersion(tools, bucket, key, versionId, change),
    parts: async ({ manifest, partCount }, query) =>
      manifest === undefined || partCount === undefined
        ? { parts: [], truncated: false }
        : listPartsOf(tools.catalog, manifest, query),

    list: (bucket, query) => listObjects(tools, bucket, query),
    listVersions: (bucket, query) => listVersions(tools, bucket, query),

    createUpload: (bucket, key, made) => createUpload(tools, bucket, key, made),
    upload: (bucket, key, uploadId) => findUpload(tools, bucket, key, uploadId),
    writePart: (bucket, key, uploadId, partNumber, body, signal) =>
      writePart(tools, { bucket, key, uploadId, partNumber }, body, signal),
    copyPart: (request, signal) => copyPart(tools, request, signal),
    completeUpload: (bucket, key, request) => completeUpload(tools, bucket, key, request),
    abortUpload: (bucket, key, uploadId, ask) => abortUpload(tools, bucket, key, uploadId, ask),
    listParts: (bucket, key, uploadId, query) => listParts(tools, bucket, key, uploadId, query),
    listUploads: (bucket, query) => listUploads(tools, bucket, query),
  };
}
