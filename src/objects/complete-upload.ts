// CompleteMultipartUpload: close the upload's row, judge the list against the parts, publish in one commit. Whatever is refused on
// the way opens the row again. A finished upload answers the identical request for seven days as it did the first time.
import { createHash } from 'node:crypto';
import { reached } from '../base/crash-points.ts';
import { randomId } from '../base/random.ts';
import type { Change } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { decodeFinishedUpload, encodeFinishedUpload } from '../catalog/records/finished-upload.ts';
import type { Bucket } from '../model/bucket.ts';
import { isId } from '../model/ids.ts';
import { dropParts } from './abort-upload.ts';
import { unquoted } from './conditions.ts';
import { assertAscending, type JoinedParts, joinParts } from './join-parts.ts';
import { manifestRows } from './manifest.ts';
import type { CompleteRequest, WriteResult } from './objects.ts';
import { wallSec } from './place-version.ts';
import {
  closedRow,
  createPatience,
  isAborted,
  openRow,
  type RunningUpload,
  readUpload,
  type StoredPart,
  storedParts,
  uploadMissing,
} from './running-upload.ts';
import { runStory, type Tools } from './story.ts';
import { publish, refuseEarly } from './write-object.ts';

/** Left-over parts that still fit into the publishing commit, beside at most 160 manifest rows. */
const leftoversPerCommit = 200;

export async function completeUpload(
  tools: Tools,
  bucket: Bucket,
  key: string,
  request: CompleteRequest,
): Promise<WriteResult> {
  assertAscending(request.parts);
  const closed = await closeUpload(tools, bucket, key, request.uploadId);
  if (closed === undefined) return finishedResult(tools, bucket, key, request);
  reached('complete: upload closed');
  try {
    const stored: StoredPart[] = [];
    for await (const one of storedParts(tools.catalog, request.uploadId)) stored.push(one);
    const joined = await joinParts(closed.upload, stored, request);
    reached('complete: parts joined');
    const result = await publishUpload(tools, bucket, key, request, closed, joined);
    reached('complete: committed, not answered');
    return result;
  } catch (error) {
    reached('complete: refused, not opened again');
    await tools.catalog.commit({ checks: [closed.check], writes: [[closed.check[0], openRow(closed.upload)]] });
    throw error;
  }
}

/** undefined: there is no such upload (any more). */
async function closeUpload(
  tools: Tools,
  bucket: Bucket,
  key: string,
  uploadId: string,
): Promise<RunningUpload | undefined> {
  const token = randomId(tools.random);
  const mayTakeOver = createPatience();
  const exists = await runStory(tools, { turns: [`upload ${uploadId}`] }, async (waitedMs) => {
    const running = await readUpload(tools.catalog, bucket, key, uploadId);
    if (running === undefined) return { result: false };
    if (isAborted(running.upload)) throw uploadMissing(uploadId);
    if (running.upload.state !== 'open' && !mayTakeOver(running, waitedMs)) return undefined;
    const closed = closedRow(running.upload, token);
    return { change: { checks: [running.check], writes: [[running.check[0], closed]] }, result: true };
  });
  if (!exists) return undefined;
  const closed = await readUpload(tools.catalog, bucket, key, uploadId);
  if (closed?.upload.closedBy !== token) throw uploadMissing(uploadId); // an Abort came right behind
  return closed;
}

async function publishUpload(
  tools: Tools,
  bucket: Bucket,
  key: string,
  request: CompleteRequest,
  closed: RunningUpload,
  joined: JoinedParts,
): Promise<WriteResult> {
  const { upload } = closed;
  await refuseEarly(tools, bucket, key, request.conditions); // a refused Complete must not have dropped any part
  const leftovers = [...joined.leftovers];
  while (leftovers.length > leftoversPerCommit) {
    const some = leftovers.splice(0, leftoversPerCommit);
    await runStory(tools, { turns: [] }, async () => {
      await assertStillClosed(tools, bucket, key, closed);
      return { change: await dropParts(tools, closed, some), result: undefined };
    });
    reached('complete: some leftovers dropped');
  }
  return publish(tools, {
    bucket,
    key,
    conditions: request.conditions,
    unplaced: () => ({
      kind: 'object',
      size: joined.size,
      modifiedSec: wallSec(tools),
      etag: joined.etag,
      attributes: upload.attributes,
      tags: upload.tags,
      acl: upload.acl,
      checksums: joined.checksums,
      manifest: upload.id,
      ...(joined.blocks && { blocks: joined.blocks }),
      partCount: joined.partCount,
    }),
    rows: async (result): Promise<Change> => {
      await assertStillClosed(tools, bucket, key, closed);
      const dropped = await dropParts(tools, closed, leftovers);
      reached('complete: before the commit');
      return {
        checks: dropped.checks,
        writes: [
          ...dropped.writes,
          ...(joined.entries === undefined ? [] : manifestRows(upload.id, joined.entries)),
          [closed.check[0], undefined],
          [keys.finishedUpload(upload.id), finishedRow(tools, bucket, key, request, result)],
        ],
      };
    },
  });
}

async function assertStillClosed(tools: Tools, bucket: Bucket, key: string, { check, upload }: RunningUpload) {
  const now = await readUpload(tools.catalog, bucket, key, upload.id);
  if (now?.check[1] !== check[1]) throw uploadMissing(upload.id); // aborted, or taken over, meanwhile
}

function finishedRow(tools: Tools, bucket: Bucket, key: string, request: CompleteRequest, result: WriteResult): Buffer {
  const { manifest: _manifest, blocks: _blocks, ...version } = result.version; // the answer needs no bytes
  return encodeFinishedUpload({
    bucketId: bucket.id,
    key,
    requestDigest: digestOf(request),
    finishedMs: tools.clock.wallMs(),
    ...(result.versionId === undefined ? undefined : { versionId: result.versionId }),
    version,
  });
}

async function finishedResult(
  tools: Tools,
  bucket: Bucket,
  key: string,
  request: CompleteRequest,
): Promise<WriteResult> {
  const { uploadId } = request;
  const row = isId(uploadId) ? await tools.catalog.get(keys.finishedUpload(uploadId)) : undefined;
  const finished = row && decodeFinishedUpload(row.value);
  const identical =
    finished?.bucketId === bucket.id && finished.key === key && finished.requestDigest === digestOf(request);
  if (finished === undefined || !identical) throw uploadMissing(uploadId);
  const { version, versionId } = finished;
  return { version, ...(versionId === undefined ? undefined : { versionId }) };
}

/** What makes two Completes the same: the list. Conditions are not judged again. */
function digestOf({ parts }: CompleteRequest): string {
  const hash = createHash('sha256');
  for (const { partNumber, etag } of parts) hash.update(`${partNumber}:${unquoted(etag)}\n`);
  return hash.digest('hex');
}
