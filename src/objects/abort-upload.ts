// AbortMultipartUpload: the row is closed first, so that no part arrives any more; then the parts' bytes are released in
// steps; the row goes with the last of them. Stopped half-way, a repeated Abort goes on where this one ended.
import { reached } from '../base/crash-points.ts';
import { Fault } from '../base/fault.ts';
import { keys, prefixEnd, tag, uploadKeyOf } from '../catalog/keys.ts';
import type { Bucket } from '../model/bucket.ts';
import { releaseManifests } from './drop.ts';
import {
  abortToken,
  closedRow,
  isAborted,
  type RunningUpload,
  readUpload,
  type StoredPart,
  storedParts,
  uploadMissing,
} from './running-upload.ts';
import { joinChanges, runStory, type Tools } from './story.ts';

/** Each costs two checks and two rows. */
const partsPerStep = 300;

export async function abortUpload(
  tools: Tools,
  bucket: Bucket,
  key: string,
  uploadId: string,
  { ifInitiatedSec }: { ifInitiatedSec?: number } = {},
): Promise<void> {
  const running = await readUpload(tools.catalog, bucket, key, uploadId);
  if (running === undefined) throw uploadMissing(uploadId);
  if (ifInitiatedSec !== undefined && Math.floor(running.upload.initiatedMs / 1000) !== ifInitiatedSec) {
    throw new Fault({ kind: 'precondition-failed', condition: 'x-amz-if-match-initiated-time' });
  }
  const steps = await dropUpload(tools, bucket, key, uploadId);
  reached('abort: done, not answered');
  if (steps === 0) throw uploadMissing(uploadId); // completed, or aborted, meanwhile
}

/** For a bucket that is being deleted. */
export async function abortAllUploads(tools: Tools, bucket: Bucket): Promise<void> {
  const first = keys.first(tag.upload, bucket.id);
  for (;;) {
    const [row] = await tools.catalog.range(first, prefixEnd(first), { limit: 1 });
    if (row === undefined) return;
    const { key, uploadId } = uploadKeyOf(row.key);
    await dropUpload(tools, bucket, key, uploadId);
  }
}

type Step = 'closed' | 'some dropped' | 'all dropped' | 'missing';

/** Closes the row for good, a Complete's too, then releases the parts; returns how many steps found the row there. */
async function dropUpload(tools: Tools, bucket: Bucket, key: string, uploadId: string): Promise<number> {
  for (let steps = 0; ; steps++) {
    const step = await runStory<Step>(tools, { turns: [`upload ${uploadId}`] }, async () => {
      const running = await readUpload(tools.catalog, bucket, key, uploadId);
      if (running === undefined) return { result: 'missing' };
      const { check, upload } = running;
      if (!isAborted(upload)) {
        return { change: { checks: [check], writes: [[check[0], closedRow(upload, abortToken)]] }, result: 'closed' };
      }
      const some: StoredPart[] = [];
      for await (const stored of storedParts(tools.catalog, uploadId)) {
        if (some.push(stored) >= partsPerStep) break;
      }
      const dropped = await dropParts(tools, running, some);
      if (some.length >= partsPerStep) return { change: dropped, result: 'some dropped' };
      reached('abort: before the last commit');
      return { change: joinChanges(dropped, { checks: [], writes: [[check[0], undefined]] }), result: 'all dropped' };
    });
    if (step === 'closed') reached('abort: upload closed');
    if (step === 'some dropped') reached('abort: some parts dropped');
    if (step === 'missing') return steps;
    if (step === 'all dropped') return steps + 1;
  }
}

/** Rows that release some parts of an upload that this worker has closed. */
export async function dropParts(tools: Tools, closed: RunningUpload, some: readonly StoredPart[]) {
  const released = await releaseManifests(
    tools.catalog,
    some.map(({ part }) => part),
    tools.clock.wallMs(),
  );
  return joinChanges(
    {
      checks: [closed.check, ...some.map((stored) => stored.check)],
      writes: some.map((stored) => [stored.check[0], undefined] as const),
    },
    released,
  );
}
