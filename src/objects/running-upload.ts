// A running multipart upload: its row, and its parts' rows. Parts stand under the upload's id from the start, and that id becomes the
// finished object's manifest id, so Complete copies no part rows: it publishes a manifest that names their blocks.
//
// open → completing → (row removed). Part commits check that the row is open. A Complete closes it under a token of its own and works on
// the parts alone; where it died, the next one takes over after a while. Aborts share one token: they help each other, and
// nothing comes back from there.
import { Fault } from '../base/fault.ts';
import type { Catalog, Check } from '../catalog/catalog.ts';
import { keys, numberAtEnd, prefixEnd } from '../catalog/keys.ts';
import { decodePart } from '../catalog/records/part.ts';
import { decodeUpload, encodeUpload } from '../catalog/records/upload.ts';
import type { Bucket } from '../model/bucket.ts';
import { isId, type UploadId } from '../model/ids.ts';
import type { PartRow, Upload } from '../model/object.ts';
import type { Tools } from './story.ts';

export interface RunningUpload {
  readonly upload: Upload;
  readonly check: Check;
}

/** A part and the row that holds it. */
export interface StoredPart {
  readonly part: PartRow;
  readonly check: Check;
}

const pageRows = 1000;
const takeOverMs = 8000;
/** Closes an upload for good. */
export const abortToken = 'ab'.repeat(16);

export const partKey = keys.manifestPart;

export const uploadMissing = (uploadId: string): Fault => new Fault({ kind: 'upload-missing', uploadId });

export async function readUpload(
  catalog: Catalog,
  bucket: Bucket,
  key: string,
  uploadId: UploadId,
): Promise<RunningUpload | undefined> {
  if (!isId(uploadId)) return undefined;
  const rowKey = keys.upload(bucket.id, key, uploadId);
  const row = await catalog.get(rowKey);
  return row && { upload: decodeUpload(row.value), check: [rowKey, row.version] };
}

export async function findUpload(tools: Tools, bucket: Bucket, key: string, uploadId: UploadId): Promise<Upload> {
  const found = await readUpload(tools.catalog, bucket, key, uploadId);
  if (found === undefined || isAborted(found.upload)) throw uploadMissing(uploadId);
  return found.upload;
}

export const isAborted = (upload: Upload): boolean => upload.closedBy === abortToken;

/** Says when a row that somebody closed may be taken over: it has not changed for a while. */
export function createPatience(): (running: RunningUpload, waitedMs: number) => boolean {
  let seen: { version: unknown; sinceMs: number } | undefined;
  return ({ check }, waitedMs) => {
    if (seen?.version !== check[1]) seen = { version: check[1], sinceMs: waitedMs };
    return waitedMs - seen.sinceMs > takeOverMs;
  };
}

export const closedRow = (upload: Upload, closedBy: string): Buffer =>
  encodeUpload({ ...upload, state: 'completing', closedBy });

export function openRow({ closedBy: _, ...upload }: Upload): Buffer {
  return encodeUpload({ ...upload, state: 'open' });
}

/** All parts in order of number, read in bounded steps. */
export async function* storedParts(catalog: Catalog, uploadId: UploadId): AsyncGenerator<StoredPart> {
  let from = keys.manifestPartsOf(uploadId);
  const end = prefixEnd(from);
  for (;;) {
    const rows = await catalog.range(from, end, { limit: pageRows });
    for (const row of rows) yield { part: decodePart(row.value), check: [row.key, row.version] };
    if (rows.length < pageRows) return;
    from = partKey(uploadId, numberAtEnd(rows.at(-1)!.key, 2) + 1);
  }
}
