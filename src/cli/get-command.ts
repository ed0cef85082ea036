// `get`: an object into a file, under a temporary name until it is whole. A device or pipe is written to as it is, never replaced.
import { createWriteStream, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { CommandError, exitCodes } from './exit-codes.ts';
import { interruptible } from './interrupt.ts';
import { hint, humanBytes, progress, sayJson } from './print.ts';
import { clientError, openClient } from './s3-client.ts';
import { parseS3Url } from './s3-url.ts';

interface GetOptions {
  readonly data?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export async function get(url: string, file: string | undefined, options: GetOptions): Promise<void> {
  const { bucket, key } = parseS3Url(url);
  if (key === '') {
    throw new CommandError(`${url} names no object`, { exitCode: exitCodes.usage, next: 'Write s3://bucket/key.' });
  }
  const target = targetFile(key, file);
  const toStdout = target === '-';
  const part = toStdout ? undefined : partOf(target);
  const client = openClient(options);
  const removePart = (): void => {
    if (part !== undefined && part.from !== part.to) rmSync(part.from, { force: true });
  };
  const settled = interruptible(removePart);
  try {
    const found = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bar = progress(key, found.ContentLength, options.quiet === true || options.json === true || toStdout);
    let bytes = 0;
    const counted = async function* (body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of body) {
        bytes += chunk.length;
        bar.add(chunk.length);
        yield chunk;
      }
    };
    const body = found.Body as Readable | undefined;
    const sink = part === undefined ? process.stdout : createWriteStream(part.from);
    await pipeline(body ?? Readable.from([]), counted, sink, { end: !toStdout });
    bar.end();
    if (part !== undefined && part.from !== part.to) renameSync(part.from, part.to);
    if (options.json && !toStdout) sayJson({ bucket, key, file: target, bytes, etag: found.ETag });
    else if (!toStdout && !options.quiet) hint(`fetched ${target}  ${humanBytes(bytes)}`);
  } catch (error) {
    removePart();
    throw clientError(error, `could not fetch s3://${bucket}/${key}`);
  } finally {
    settled();
    client.destroy();
  }
}

/** Where the bytes are written, and the name they get when they are whole. The same: no regular file, so written in place. */
function partOf(target: string): { readonly from: string; readonly to: string } {
  const found = statSync(target, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) return { from: target, to: target };
  const folder = dirname(target);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory() || target.endsWith('/')) {
    throw new CommandError(`there is no folder ${target.endsWith('/') ? target : folder}`, {
      exitCode: exitCodes.usage,
      next: 'Make it first with mkdir, or name a file in one that exists.',
    });
  }
  const to = found === undefined ? target : realpathSync(target);
  return { from: `${to}.${process.pid}.echogate-part`, to };
}

function targetFile(key: string, file: string | undefined): string {
  if (file === '-') return file;
  const name = basename(key);
  if (file === undefined || file === '') {
    if (name === '' || name === '.' || name === '..') {
      throw new CommandError(`the key "${key}" gives no file name`, {
        exitCode: exitCodes.usage,
        next: 'Name the file as second argument.',
      });
    }
    return name;
  }
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ? join(file, name) : file;
}
