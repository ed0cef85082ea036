// ListParts: the parts of a running upload in order of number.
import type { Bucket } from '../model/bucket.ts';
import type { PartRow, Upload } from '../model/object.ts';
import { listPartsOf } from './parts-of.ts';
import { findUpload } from './running-upload.ts';
import type { Tools } from './story.ts';

export async function listParts(
  tools: Tools,
  bucket: Bucket,
  key: string,
  uploadId: string,
  query: { after: number; limit: number },
): Promise<{ upload: Upload; parts: readonly PartRow[]; truncated: boolean }> {
  const upload = await findUpload(tools, bucket, key, uploadId);
  return { upload, ...(await listPartsOf(tools.catalog, uploadId, query)) };
}
