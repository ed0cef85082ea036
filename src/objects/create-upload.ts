// Begins a multipart upload. Its id starts with the time, so that the uploads of one key lie in order of initiation.
import { reached } from '../base/crash-points.ts';
import { Fault } from '../base/fault.ts';
import { keys } from '../catalog/keys.ts';
import { encodeUpload } from '../catalog/records/upload.ts';
import type { Bucket } from '../model/bucket.ts';
import type { Upload } from '../model/object.ts';
import { allowsChecksumType, defaultChecksumType } from './checksums.ts';
import { readLiveBucket } from './live-bucket.ts';
import type { NewUpload } from './objects.ts';
import { runStory, type Tools } from './story.ts';

export async function createUpload(tools: Tools, bucket: Bucket, key: string, made: NewUpload): Promise<Upload> {
  const initiatedMs = tools.clock.wallMs();
  const id = Buffer.alloc(16);
  id.writeUIntBE(Math.max(0, initiatedMs), 0, 6);
  tools.random.bytes(10).copy(id, 6);
  const upload: Upload = {
    id: id.toString('hex'),
    key,
    initiatedMs,
    owner: made.acl.owner,
    initiator: made.initiator,
    attributes: made.attributes,
    tags: made.tags,
    acl: made.acl,
    ...checksumChoice(made),
    state: 'open',
  };
  const rowKey = keys.upload(bucket.id, key, upload.id);
  const created = await runStory(tools, { turns: [] }, async (waitedMs) => {
    const live = await readLiveBucket(tools.catalog, bucket, waitedMs);
    if (live === undefined) return undefined;
    const checks = [live.check, [rowKey, 'absent'] as const];
    return { change: { checks, writes: [[rowKey, encodeUpload(upload)]] }, result: upload };
  });
  reached('create upload: committed, not answered');
  return created;
}

function checksumChoice({ checksumAlgorithm, checksumType }: NewUpload) {
  if (checksumAlgorithm === undefined) {
    if (checksumType === undefined) return {};
    const message = 'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.';
    throw new Fault({ kind: 'request-invalid', message });
  }
  const type = checksumType ?? defaultChecksumType(checksumAlgorithm);
  if (!allowsChecksumType(checksumAlgorithm, type)) {
    const message = `The ${type} checksum type cannot be used with the ${checksumAlgorithm.toLowerCase()} checksum algorithm.`;
    throw new Fault({ kind: 'request-invalid', message });
  }
  return { checksumAlgorithm, checksumType: type };
}
