// `put`: one request for small files, a multipart upload for the rest. A part is read, sent and forgotten: memory does not grow with the file.
import { createReadStream, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { MiB } from '../base/units.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { interruptible } from './interrupt.ts';
import { humanBytes, type Progress, progress, say, sayJson } from './print.ts';
import { clientError, openClient } from './s3-client.ts';
import { parseS3Url } from './s3-url.ts';

const partBytesMin = 8 * MiB;
const partsMax = 10_000;
const partsAtOnce = 4;

const mediaTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.mp4': 'video/mp4',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.webp': 'image/webp',
  '.xml': 'application/xml',
  '.zip': 'application/zip',
};

interface Target {
  readonly Bucket: string;
  readonly Key: string;
  readonly ContentType?: string;
}

interface PutOptions {
  readonly data?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly contentType?: string;
}

export async function put(file: string, url: string, options: PutOptions): Promise<void> {
  const { bucket, key: given } = parseS3Url(url);
  const key = given === '' || given.endsWith('/') ? `${given}${file === '-' ? '' : basename(file)}` : given;
  if (key === '' || key.endsWith('/')) {
    throw new CommandError(`${url} names no object`, { exitCode: exitCodes.usage, next: 'Write s3://bucket/key.' });
  }
  const size = file === '-' ? undefined : sizeOf(file);
  const type = options.contentType ?? mediaTypes[extname(key).toLowerCase()];
  const target: Target = { Bucket: bucket, Key: key, ...(type === undefined ? {} : { ContentType: type }) };
  const client = openClient(options);
  const bar = progress(key, size, options.quiet === true || options.json === true);
  const source = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: MiB });
  // Of unknown length: parts that still reach 5 TiB would be too much memory; 64 MiB reach 625 GiB.
  const partBytes = size === undefined ? 64 * MiB : Math.max(partBytesMin, Math.ceil(size / partsMax));
  try {
    const { etag, bytes } = await send(client, target, piecesOf(source, partBytes), bar);
    bar.end();
    if (options.json) sayJson({ bucket, key, bytes, etag });
    else say(`stored s3://${bucket}/${key}  ${humanBytes(bytes)}`);
  } catch (error) {
    bar.end();
    throw clientError(error, `could not store s3://${bucket}/${key}`);
  } finally {
    client.destroy();
  }
}

function sizeOf(file: string): number {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new CommandError(`there is no file ${file}`, { exitCode: exitCodes.usage });
  if (found.isDirectory()) {
    throw new CommandError(`${file} is a directory`, {
      exitCode: exitCodes.usage,
      next: 'put stores one file; for a tree use aws s3 sync or rclone.',
    });
  }
  return found.size;
}

/** The source in buffers of exactly `bytes`, the last one shorter (and empty for an empty source). */
async function* piecesOf(source: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  let sent = 0;
  for await (const chunk of source) {
    let rest = chunk;
    while (size + rest.length >= bytes) {
      const cut = bytes - size;
      yield Buffer.concat([...held, rest.subarray(0, cut)]);
      sent += 1;
      held = [];
      size = 0;
      rest = rest.subarray(cut);
    }
    if (rest.length > 0) {
      held.push(rest);
      size += rest.length;
    }
  }
  if (size > 0 || sent === 0) yield Buffer.concat(held);
}

async function send(
  client: S3Client,
  target: Target,
  pieces: AsyncGenerator<Buffer>,
  bar: Progress,
): Promise<{ etag: string | undefined; bytes: number }> {
  const first = (await pieces.next()).value as Buffer;
  const second = await pieces.next();
  if (second.done) {
    const stored = await client.send(new PutObjectCommand({ ...target, Body: first }));
    bar.add(first.length);
    return { etag: stored.ETag, bytes: first.length };
  }
  const creating = client.send(new CreateMultipartUploadCommand(target));
  const abort = async (): Promise<void> => {
    const { UploadId } = await creating;
    await client.send(new AbortMultipartUploadCommand({ Bucket: target.Bucket, Key: target.Key, UploadId }));
  };
  // Before the answer: the upload may exist already when the interrupt comes.
  const settled = interruptible(abort);
  try {
    const { UploadId } = await creating;
    const upload = { Bucket: target.Bucket, Key: target.Key, UploadId };
    return await sendParts(client, upload, [first, second.value], pieces, bar);
  } catch (error) {
    await abort().catch(() => {});
    throw error;
  } finally {
    settled();
  }
}

async function sendParts(
  client: S3Client,
  upload: { Bucket: string; Key: string; UploadId: string | undefined },
  head: readonly Buffer[],
  rest: AsyncGenerator<Buffer>,
  bar: Progress,
): Promise<{ etag: string | undefined; bytes: number }> {
  const parts: { PartNumber: number; ETag: string | undefined }[] = [];
  let bytes = 0;
  let failed: unknown;
  const running = new Set<Promise<void>>();
  const start = (Body: Buffer): void => {
    const PartNumber = parts.length + 1;
    const part: (typeof parts)[number] = { PartNumber, ETag: undefined };
    parts.push(part);
    bytes += Body.length;
    const one = client
      .send(new UploadPartCommand({ ...upload, PartNumber, Body }))
      .then((sent) => {
        part.ETag = sent.ETag;
        bar.add(Body.length);
      })
      .catch((error) => {
        failed ??= error;
      })
      .finally(() => running.delete(one));
    running.add(one);
  };
  for (const piece of head) start(piece);
  for await (const piece of rest) {
    if (running.size >= partsAtOnce) await Promise.race(running);
    if (failed !== undefined) break;
    start(piece);
  }
  await Promise.all(running);
  if (failed !== undefined) throw failed;
  const MultipartUpload = { Parts: parts };
  const done = await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }));
  return { etag: done.ETag, bytes };
}
