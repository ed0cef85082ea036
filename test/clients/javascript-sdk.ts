// The JavaScript SDK with lib-storage's Upload, default checksums.
import { createReadStream, createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { dirname, join, relative } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Client, Endpoint } from './client.ts';
import { filesBelow } from './tree.ts';

export function javascriptSdk(endpoint: Endpoint): Client {
  const s3 = new S3Client({
    endpoint: endpoint.url,
    region: endpoint.region,
    forcePathStyle: true,
    ...(endpoint.caFile === undefined
      ? {}
      : { requestHandler: { httpsAgent: new Agent({ ca: readFileSync(endpoint.caFile), keepAlive: true }) } }),
    credentials: { accessKeyId: endpoint.accessKey, secretAccessKey: endpoint.secretKey },
  });
  async function* keysOf(bucket: string): AsyncGenerator<string> {
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
      for (const entry of page.Contents ?? []) yield entry.Key!;
    }
  }
  return {
    name: 'javascript-sdk',
    makeBucket: async (bucket) => void (await s3.send(new CreateBucketCommand({ Bucket: bucket }))),
    upload: (folder, bucket) =>
      inParallel(filesBelow(folder), async (path) => {
        const params = { Bucket: bucket, Key: relative(folder, path), Body: createReadStream(path) };
        await new Upload({ client: s3, params }).done();
      }),
    download: async (bucket, folder) => {
      await inParallel(keysOf(bucket), async (key) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        const path = join(folder, key);
        mkdirSync(dirname(path), { recursive: true });
        await pipeline(Body as Readable, createWriteStream(path));
      });
    },
    presign: (bucket, key) => getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key })),
    removeBucket: async (bucket) => {
      const keys: string[] = [];
      for await (const key of keysOf(bucket)) keys.push(key);
      for (let at = 0; at < keys.length; at += 1000) {
        const Objects = keys.slice(at, at + 1000).map((Key) => ({ Key }));
        await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
      }
      await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
    },
  };
}

async function inParallel<T>(items: Iterable<T> | AsyncIterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const running = new Set<Promise<void>>();
  for await (const item of items) {
    const job = work(item).finally(() => running.delete(job));
    running.add(job);
    if (running.size >= 8) await Promise.race(running);
  }
  await Promise.all(running);
}
