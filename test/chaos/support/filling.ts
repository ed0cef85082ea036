// Fills a server with everything that a catalog keeps: objects with metadata, tags and ACLs, versions, delete markers, null versions
// between them, copies, multipart objects, running uploads, buckets with settings of their own.
import type { Pair } from '../../../src/base/sigv4.ts';
import { inLanes, type Send, sendRight } from './requests.ts';
import { textsOf } from './wire.ts';

export const buckets = ['rb-plain', 'rb-kept', 'rb-paused'] as const;

const lanes = 32;
const partBytes = 5 * 1024 * 1024;

const versioning = (status: 'Enabled' | 'Suspended'): string =>
  `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>${status}</Status></VersioningConfiguration>`;
const tagging = (value: string): string =>
  `<Tagging><TagSet><Tag><Key>made by</Key><Value>${value}</Value></Tag></TagSet></Tagging>`;

export async function makeBuckets(send: Send): Promise<void> {
  for (const bucket of buckets) {
    await sendRight(send, { method: 'PUT', path: `/${bucket}`, headers: { 'x-amz-acl': 'public-read' } });
    await sendRight(send, put(bucket, '', [['tagging', '']], tagging(bucket)));
  }
  await sendRight(send, put('rb-kept', '', [['versioning', '']], versioning('Enabled')));
  await sendRight(send, put('rb-paused', '', [['versioning', '']], versioning('Enabled')));
}

const put = (bucket: string, key: string, query: readonly Pair[], body: string | Buffer) =>
  ({ method: 'PUT', path: key === '' ? `/${bucket}` : `/${bucket}/${key}`, query, body }) as const;

export interface FillOptions {
  readonly objects: number;
  /** Names this filling's keys. */
  readonly name: string;
  readonly random: () => number;
  readonly say: (line: string) => void;
}

/** Resolves with how many requests changed something. */
export async function fill(send: Send, { objects, name, random, say }: FillOptions): Promise<number> {
  let changes = 0;
  let saidMs = Date.now();
  const change = async (...sent: Parameters<typeof sendRight>): Promise<Awaited<ReturnType<typeof sendRight>>> => {
    const answer = await sendRight(...sent);
    changes += 1;
    if (Date.now() - saidMs > 10_000) {
      saidMs = Date.now();
      say(`${changes} changes made`);
    }
    return answer;
  };
  const body = (at: number): Buffer => {
    const size = at % 1000 === 7 ? 9_000_000 : at % 100 === 3 ? 200_000 : Math.floor(random() * 3000);
    return Buffer.alloc(size, `${name} ${at} `);
  };
  const store = (at: number) => async (bucket: string, key: string) => {
    await change(send, {
      method: 'PUT',
      path: `/${bucket}/${key}`,
      body: body(at),
      headers: {
        'content-type': at % 3 === 0 ? 'text/plain' : `application/x-trial-${at % 7}`,
        ...(at % 2 === 0 && { 'x-amz-meta-number': String(at), 'x-amz-meta-of': name }),
        ...(at % 4 === 1 && { 'x-amz-tagging': `at=${at}&fill=${name}` }),
        ...(at % 5 === 2 && { 'x-amz-acl': 'public-read' }),
        ...(at % 6 === 3 && { 'cache-control': 'max-age=60', 'content-disposition': 'attachment' }),
      },
    });
  };
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

  // Seven of ten plain, two with versions (four to a key), one where versioning is suspended half-way.
  await inLanes(numbers(Math.ceil(objects * 0.7)), lanes, (at) => store(at)('rb-plain', `${name}/${at % 97}/${at}`));
  await inLanes(numbers(Math.ceil(objects * 0.2)), lanes, (at) => store(at)('rb-kept', `${name}/${at >> 2}`));
  const half = Math.ceil(objects * 0.05);
  await inLanes(numbers(half), lanes, (at) => store(at)('rb-paused', `${name}/${at >> 1}`));
  await change(send, put('rb-paused', '', [['versioning', '']], versioning('Suspended')));
  await inLanes(numbers(half), lanes, (at) => store(at)('rb-paused', `${name}/${at}`));
  await change(send, put('rb-paused', '', [['versioning', '']], versioning('Enabled')));

  const some = numbers(Math.ceil(objects / 25));
  await inLanes(some, lanes, async (at) => {
    const source = `/rb-plain/${name}/${at % 97}/${at}`;
    const headers = { 'x-amz-copy-source': source };
    await change(send, { method: 'PUT', path: `/rb-kept/${name}/copy-${at}`, headers });
    // Over another object, and over a copy of itself.
    if (at % 3 === 0)
      await change(send, { method: 'PUT', path: `/rb-plain/${name}/${(at + 97) % 97}/${at}-c`, headers });
    if (at % 4 === 0)
      await change(send, put('rb-kept', `${name}/copy-${at}`, [['tagging', '']], tagging(`copy ${at}`)));
    if (at % 5 === 0) await change(send, { method: 'DELETE', path: source });
    if (at % 6 === 0) await change(send, { method: 'DELETE', path: `/rb-kept/${name}/${at}` });
    if (at % 7 === 0) await change(send, { method: 'DELETE', path: `/rb-paused/${name}/${at}` });
    if (at % 8 === 0)
      await change(send, {
        method: 'PUT',
        path: `/rb-kept/${name}/${at + 1}`,
        query: [['acl', '']],
        headers: { 'x-amz-acl': 'authenticated-read' },
      });
  });
  const uploads = Math.max(2, Math.round(objects / 5000));
  await inLanes(numbers(uploads), 4, (at) => upload(send, change, `${name}/multi-${at}`, at));
  return changes;
}

type Change = (...sent: Parameters<typeof sendRight>) => ReturnType<typeof sendRight>;

/** Every third one stays open, with a part. */
async function upload(send: Send, change: Change, key: string, at: number): Promise<void> {
  const path = `/rb-plain/${key}`;
  const headers = { 'x-amz-meta-parts': '2', 'x-amz-checksum-algorithm': 'CRC32C' };
  const { body } = await change(send, { method: 'POST', path, query: [['uploads', '']], headers });
  const [uploadId = ''] = textsOf(body, 'UploadId');
  const parts: string[] = [];
  for (const number of [1, 2]) {
    const query = [
      ['partNumber', String(number)],
      ['uploadId', uploadId],
    ] as const;
    const bytes = Buffer.alloc(number === 1 ? partBytes + at : 1000 + at, `${key} ${number}`);
    const part = await change(send, { method: 'PUT', path, query, body: bytes });
    const checksum = part.headers['x-amz-checksum-crc32c'] as string;
    parts.push(
      `<Part><PartNumber>${number}</PartNumber><ETag>${part.headers.etag}</ETag><ChecksumCRC32C>${checksum}</ChecksumCRC32C></Part>`,
    );
  }
  if (at % 3 === 1) return;
  const list = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
  await change(send, { method: 'POST', path, query: [['uploadId', uploadId]], body: list });
  await change(send, { method: 'PUT', path: `/rb-kept/${key}`, headers: { 'x-amz-copy-source': path } });
}
