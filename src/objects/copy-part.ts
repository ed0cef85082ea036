// UploadPartCopy: the source's bytes are read and written anew, because a range of them seldom falls on block boundaries and a
// part owns its blocks alone.
import { caps } from '../base/caps.ts';
import { reached } from '../base/crash-points.ts';
import { Fault } from '../base/fault.ts';
import type { ByteRange } from '../base/range.ts';
import type { Bucket } from '../model/bucket.ts';
import type { PartRow, Version } from '../model/object.ts';
import type { WrittenBlocks } from './block-store.ts';
import { checkSourceConditions } from './conditions.ts';
import { createDigester, type Digester } from './digester.ts';
import type { ReadConditions } from './objects.ts';
import { findVersion, streamBytes } from './read-object.ts';
import { findUpload } from './running-upload.ts';
import { selectCopyRange } from './select-range.ts';
import type { Tools } from './story.ts';
import { checksumsOf } from './write-object.ts';
import { type PartTarget, publishPart, refusePartNumber } from './write-part.ts';

export interface CopyPartRequest {
  readonly source: { readonly bucket: Bucket; readonly key: string; readonly versionId?: string };
  readonly sourceConditions: ReadConditions;
  readonly rangeText?: string;
  readonly target: PartTarget;
}

export async function copyPart(
  tools: Tools,
  { source, sourceConditions, rangeText, target }: CopyPartRequest,
  signal: AbortSignal,
): Promise<{ part: PartRow; sourceVersionId?: string }> {
  refusePartNumber(target.partNumber);
  const { checksumAlgorithm } = await findUpload(tools, target.bucket, target.key, target.uploadId);
  const endRead = tools.blocks.beginRead?.();
  let written: WrittenBlocks | undefined;
  try {
    const version = await findVersion(tools.catalog, source.bucket, source.key, source.versionId);
    checkSourceConditions(sourceConditions, version);
    const range = rangeText === undefined ? { start: 0, end: version.size } : selectCopyRange(rangeText, version.size);
    const length = range.end - range.start;
    if (length > caps.copyBytesMax) throw new Fault({ kind: 'copy-source-too-large', sizeMax: caps.copyBytesMax });
    const digester = await createDigester(checksumAlgorithm === undefined ? [] : [checksumAlgorithm]);
    const where = { bucket: target.bucket.id, key: target.key, part: target.partNumber };
    const body = digested(tools, version, range, digester, signal);
    written = await tools.blocks.write(where, body, { length, signal });
    reached('copy part: all bytes durable');
    const digests = digester.digests();
    const part = await publishPart(
      tools,
      target,
      written,
      { md5: digests.md5, checksums: checksumsOf(digests) },
      signal,
    );
    const versioned = source.bucket.versioning !== 'unversioned';
    return { part, ...(versioned && { sourceVersionId: version.versionId }) };
  } finally {
    written?.settle();
    endRead?.();
  }
}

async function* digested(
  tools: Tools,
  version: Version,
  range: ByteRange,
  digester: Digester,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for await (const chunk of streamBytes(tools, version, range, signal)) {
    digester.update(chunk);
    yield chunk;
  }
}
