// Multipart uploads and buckets under crashes: each has a name of its own, and whoever loses an answer asks again until it is clear.
import { KiB, MiB } from '../../../src/base/units.ts';
import type { CrashDeeds } from './crash-deeds.ts';
import type { State } from './manifest.ts';
import { bodyOf, nameOf, stampHeader } from './stamps.ts';
import { judgeRead } from './verify.ts';
import { type Answer, type Asked, textsOf } from './wire.ts';

export interface UploadPlan {
  /** Full parts before the last one; each is 5 MiB. */
  readonly fullParts?: number;
  /** Parts that the Complete leaves out. */
  readonly leftovers?: number;
  /** A Complete with a wrong list comes first. */
  readonly refused?: boolean;
  /** The last part is a copy of another object's bytes. */
  readonly copied?: boolean;
  readonly ending: 'complete' | 'abort' | 'none';
  /** The object goes again at once. */
  readonly removed?: boolean;
}

const partBytes = 5 * MiB;
const atOnce = 8;

export async function uploadObject(deeds: CrashDeeds, plan: UploadPlan): Promise<void> {
  const { bucket } = deeds.uploads;
  const key = deeds.name('upload');
  const { fullParts = 0, leftovers = 0 } = plan;
  const still = plan.copied ? deeds.stillSource() : undefined;
  const stamped = deeds.stamp(fullParts * partBytes + Math.floor(1 + deeds.random() * 32 * KiB));
  const state = still?.state ?? nameOf(stamped);
  const headers = { [stampHeader]: state };
  const made = await deeds.ask({ method: 'POST', bucket, key, headers, query: { uploads: '' } });
  const [uploadId] = made?.status === 200 ? textsOf(made.body, 'UploadId') : [];
  if (uploadId === undefined) return; // nobody knows its id: settle() aborts it

  const part = (number: number, body: Buffer): Asked => {
    return { method: 'PUT', bucket, key, query: { partNumber: String(number), uploadId }, body };
  };
  const body = bodyOf(stamped);
  const tags: string[] = [];
  for (let at = 0; at <= fullParts; at++) {
    const plain = part(at + 1, body.subarray(at * partBytes, (at + 1) * partBytes));
    const copied = { ...plain, body: '', headers: { 'x-amz-copy-source': still?.source ?? '' } };
    const { status, headers: got, body: xml } = await deeds.again(still === undefined ? plain : copied);
    const tag = still === undefined ? got.etag : textsOf(xml, 'ETag')[0];
    if (status !== 200 || tag === undefined) return deeds.later(async () => `part ${at + 1} of ${key}: ${status}`);
    tags.push(tag);
  }
  for (let at = 0; at < leftovers; at += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, leftovers - at) }, (_, more) => 1000 + at + more);
    await Promise.all(numbers.map((number) => deeds.again(part(number, Buffer.of(number % 256)))));
  }
  const upload = { key, uploadId, state };
  if (plan.refused) await deeds.ask(complete(deeds, upload, ['"00000000000000000000000000000000"']));
  if (plan.ending === 'complete') await completeUpload(deeds, upload, tags);
  if (plan.ending === 'abort') await abortUpload(deeds, upload);
  if (plan.removed) await deeds.change(deeds.uploads, key, 'absent', { method: 'DELETE' });
}

interface Upload {
  readonly key: string;
  readonly uploadId: string;
  readonly state: State;
}

function complete(
  { uploads }: CrashDeeds,
  { key, uploadId }: Upload,
  tags: readonly string[],
): Asked & { key: string } {
  const parts = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
  const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
  return { method: 'POST', bucket: uploads.bucket, key, query: { uploadId }, body };
}

async function completeUpload(deeds: CrashDeeds, upload: Upload, tags: readonly string[]): Promise<void> {
  const { uploads } = deeds;
  const { key, state } = upload;
  const asked = complete(deeds, upload, tags);
  const answer = await deeds.change(uploads, key, state, asked);
  if (answer?.status === 200 && !answer.body.includes('<Error>')) return;
  deeds.later(async () => {
    const found = await deeds.again({ method: 'GET', bucket: uploads.bucket, key });
    const wrong = judgeRead(key, found, uploads.manifest.statesOf(key));
    if (wrong !== undefined) return wrong.what;
    const repeated = await againUntilDone(deeds, asked);
    if (repeated.status !== 200)
      return `the Complete of ${key}, asked again, is refused: ${textsOf(repeated.body, 'Code')}`;
    uploads.manifest.acknowledge(key, state);
    return undefined;
  });
}

/** A Complete may say 200 and then that it could not. */
async function againUntilDone(deeds: CrashDeeds, asked: Asked): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    const answer = await deeds.again(asked);
    if (tries > 10 || answer.status !== 200 || !answer.body.includes('<Error>')) return answer;
  }
}

async function abortUpload(deeds: CrashDeeds, { key, uploadId }: Upload): Promise<void> {
  const { bucket } = deeds.uploads;
  const abort: Asked = { method: 'DELETE', bucket, key, query: { uploadId } };
  if ((await deeds.ask(abort))?.status === 204) return;
  deeds.later(async () => {
    const { status } = await deeds.again(abort);
    if (status !== 204 && status !== 404) return `the Abort of ${key}, asked again, answers ${status}`;
    const parts = await deeds.again({ method: 'GET', bucket, key, query: { uploadId } });
    return parts.status === 404 ? undefined : `${key} was aborted and still lists parts (${parts.status})`;
  });
}

/** A bucket from its creation to its end, with an area, an upload and a setting. */
export async function bucketLife(deeds: CrashDeeds, { uploads = true, versioning = true } = {}): Promise<void> {
  const bucket = deeds.name('bucket');
  if ((await deeds.ask({ method: 'PUT', bucket }))?.status !== 200) {
    // Nobody knows whether it is there: asked again, it is.
    const { status } = await deeds.again({ method: 'PUT', bucket });
    if (status !== 200 && status !== 409) return deeds.later(async () => `bucket ${bucket}, asked again: ${status}`);
  }
  const key = 'only';
  await deeds.again({ method: 'PUT', bucket, key, body: bodyOf(deeds.stamp(2 * KiB)) });
  await deeds.again({ method: 'DELETE', bucket, key });
  if (uploads) await deeds.again({ method: 'POST', bucket, key, query: { uploads: '' } });
  if (versioning) {
    const body = '<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>';
    await deeds.again({ method: 'PUT', bucket, query: { versioning: '' }, body });
    const { body: found } = await deeds.again({ method: 'GET', bucket, query: { versioning: '' } });
    if (textsOf(found, 'Status')[0] !== 'Suspended') deeds.later(async () => `the versioning of ${bucket} is lost`);
  }
  if ((await deeds.ask({ method: 'DELETE', bucket }))?.status === 204) return;
  deeds.later(async () => {
    const { status } = await deeds.again({ method: 'DELETE', bucket });
    if (status !== 204 && status !== 404) return `the deletion of ${bucket}, asked again, answers ${status}`;
    const { status: there } = await deeds.again({ method: 'GET', bucket });
    return there === 404 ? undefined : `${bucket} was deleted and is there (${there})`;
  });
}

/** A bucket that grows until its area is split. */
export async function bucketThatSplits(deeds: CrashDeeds): Promise<void> {
  const bucket = deeds.name('area');
  await deeds.again({ method: 'PUT', bucket });
  for (let at = 0; at < 5; at++) {
    await deeds.again({ method: 'PUT', bucket, key: `k${at}`, body: bodyOf(deeds.stamp(400 * KiB)) });
  }
}
