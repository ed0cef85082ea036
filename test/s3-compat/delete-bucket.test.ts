// Only what is empty goes.
import { DeleteBucketCommand, DeleteObjectCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { newBucket, newName, put, setVersioning } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';
import { startUpload } from './support/uploads.ts';

test('an empty bucket goes, and its name is free again', async () => {
  const Bucket = await newBucket();
  const gone = await main.send(new DeleteBucketCommand({ Bucket, ExpectedBucketOwner: target.main.canonicalId }));
  expect(gone.$metadata.httpStatusCode).toBe(204);
  await refuses(main, new HeadBucketCommand({ Bucket }), 'NoSuchBucket');
  await refuses(main, new DeleteBucketCommand({ Bucket }), 'NoSuchBucket');
});

test('not while an object, an old version or a marker is in it', async () => {
  const Bucket = await newBucket();
  await put(Bucket, 'k');
  await refuses(main, new DeleteBucketCommand({ Bucket }), 'BucketNotEmpty');
  await setVersioning(Bucket, 'Enabled');
  await main.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
  await refuses(main, new DeleteBucketCommand({ Bucket }), 'BucketNotEmpty');
  // A refused delete leaves a bucket that works.
  await put(Bucket, 'still');
});

test('an open upload does not hold it', async () => {
  const Bucket = await newBucket();
  await startUpload(Bucket, 'k');
  await main.send(new DeleteBucketCommand({ Bucket }));
});

test('a bucket that never was', async () => {
  await refuses(main, new DeleteBucketCommand({ Bucket: newName() }), 'NoSuchBucket');
});
