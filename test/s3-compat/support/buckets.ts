// Buckets for one test file, emptied and removed after it.

import { randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  type CreateBucketCommandInput,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { main } from './clients.ts';

const made: { client: S3Client; name: string }[] = [];

export const newName = (): string => `compat-${randomBytes(6).toString('hex')}`;

/** Remember a bucket that a test made itself. */
export const adopt = (name: string, client: S3Client = main): void => {
  made.push({ client, name });
};

export async function newBucket(
  options: Partial<CreateBucketCommandInput> & { versioned?: boolean } = {},
  client: S3Client = main,
): Promise<string> {
  const { versioned, ...input } = options;
  const name = newName();
  await client.send(new CreateBucketCommand({ Bucket: name, ...input }));
  adopt(name, client);
  if (versioned) await setVersioning(name, 'Enabled', client);
  return name;
}

export const setVersioning = (Bucket: string, Status: 'Enabled' | 'Suspended', client: S3Client = main) =>
  client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));

export const put = (
  Bucket: string,
  Key: string,
  Body: PutObjectCommandInput['Body'] = Key,
  more: Partial<PutObjectCommandInput> = {},
) => main.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

async function empty(client: S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({
      Key,
      VersionId,
    }));
    if (Objects.length === 0) break;
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
  }
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  for (const { Key, UploadId } of Uploads) {
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  }
}

/** Empties and removes what the file before made. */
export async function removeBuckets(): Promise<void> {
  for (const { client, name } of made.splice(0)) {
    try {
      await empty(client, name);
      await client.send(new DeleteBucketCommand({ Bucket: name }));
    } catch (error) {
      if ((error as Error).name !== 'NoSuchBucket') throw error;
    }
  }
}
