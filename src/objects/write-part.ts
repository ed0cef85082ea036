// UploadPart: bytes first, then one commit that checks that the upload is still open. Of two bodies for one part number the one
// that finishes last stays; the other's bytes are released.
import { caps } from '../base/caps.ts';
import { reached } from '../base/crash-points.ts';
import { Fault } from '../base/fault.ts';
import { decodePart, encodePart } from '../catalog/records/part.ts';
import type { Bucket } from '../model/bucket.ts';
import type { Checksum, PartRow } from '../model/object.ts';
import type { WrittenBlocks } from './block-store.ts';
import { releaseManifest } from './drop.ts';
import { readLiveBucket } from './live-bucket.ts';
import { nameBytes } from './manifest.ts';
import {
  createPatience,
  findUpload,
  isAborted,
  openRow,
  partKey,
  readUpload,
  uploadMissing,
} from './running-upload.ts';
import { joinChanges, runStory, type Tools } from './story.ts';
import type { Digests, UploadBody } from './upload-body.ts';
import { checksumsOf } from './write-object.ts';

export interface PartTarget {
  readonly bucket: Bucket;
  readonly key: string;
  readonly uploadId: string;
  readonly partNumber: number;
}

export async function writePart(
  tools: Tools,
  target: PartTarget,
  body: UploadBody,
  signal: AbortSignal,
): Promise<PartRow> {
  const { bucket, key, uploadId, partNumber } = target;
  refusePartNumber(partNumber);
  const tooLarge = new Fault({ kind: 'body-too-large', sizeMax: caps.putBytesMax });
  if ((body.length ?? 0) > caps.putBytesMax) throw tooLarge;
  const { checksumAlgorithm } = await findUpload(tools, bucket, key, uploadId);
  if (checksumAlgorithm !== undefined && body.declared !== undefined && body.declared !== checksumAlgorithm) {
    const message = `Checksum Type mismatch occurred, expected checksum Type: ${checksumAlgorithm.toLowerCase()}, actual checksum Type: ${body.declared.toLowerCase()}`;
    throw new Fault({ kind: 'upload-checksum-mismatch', message });
  }
  if (checksumAlgorithm !== undefined) body.also?.(checksumAlgorithm);
  const written = await tools.blocks.write({ bucket: bucket.id, key, part: partNumber }, body, {
    ...(body.length === undefined ? undefined : { length: body.length }),
    signal,
  });
  reached('part: all bytes durable');
  try {
    if (written.size > caps.putBytesMax) throw tooLarge;
    const { md5, checksums } = body.digests;
    if (checksumAlgorithm !== undefined && !checksums.has(checksumAlgorithm)) {
      const message = `the upload needs the ${checksumAlgorithm} of each part`;
      throw new Fault({ kind: 'upload-checksum-mismatch', message });
    }
    return await publishPart(tools, target, written, { md5, checksums: checksumsOf(body.digests) }, signal);
  } finally {
    written.settle();
  }
}

export async function publishPart(
  tools: Tools,
  target: PartTarget,
  written: WrittenBlocks,
  { md5, checksums }: Pick<Digests, 'md5'> & { checksums: readonly Checksum[] },
  signal: AbortSignal,
): Promise<PartRow> {
  const { bucket, key, uploadId, partNumber } = target;
  const { bytes, writes } = nameBytes(tools.random, written.blocks);
  const rowKey = partKey(uploadId, partNumber);
  const mayReopen = createPatience();
  const published = await runStory(tools, { turns: [`part ${uploadId}/${partNumber}`], signal }, async (waitedMs) => {
    const live = await readLiveBucket(tools.catalog, bucket, waitedMs);
    if (live === undefined) return undefined;
    const running = await readUpload(tools.catalog, bucket, key, uploadId);
    if (running === undefined || isAborted(running.upload)) throw uploadMissing(uploadId);
    if (running.upload.state !== 'open') {
      if (mayReopen(running, waitedMs)) {
        const open = openRow(running.upload);
        await tools.catalog.commit({ checks: [running.check], writes: [[running.check[0], open]] });
      }
      return undefined;
    }
    const row = await tools.catalog.get(rowKey);
    const released = row && (await releaseManifest(tools.catalog, decodePart(row.value), tools.clock.steadyMs()));
    const part: PartRow = {
      partNumber,
      size: written.size,
      etag: md5.toString('hex'),
      modifiedMs: tools.clock.wallMs(),
      checksums,
      ...bytes,
    };
    const change = {
      checks: [live.check, running.check, [rowKey, row?.version ?? 'absent'] as const, ...written.checks],
      writes: [[rowKey, encodePart(part)] as const, ...written.writes, ...writes],
    };
    reached('part: before the commit');
    return { change: joinChanges(change, released), result: part };
  });
  reached('part: committed, not answered');
  return published;
}

export function refusePartNumber(partNumber: number): void {
  if (Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= caps.partNumberMax) return;
  const message = `Part number must be an integer between 1 and ${caps.partNumberMax}, inclusive`;
  throw new Fault({ kind: 'argument-invalid', name: 'partNumber', value: String(partNumber), message });
}
