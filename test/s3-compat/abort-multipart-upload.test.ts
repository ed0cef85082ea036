// The parts of an upload go, the key stays as it was.
import { AbortMultipartUploadCommand, ListMultipartUploadsCommand, ListPartsCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { textOf } from './support/bodies.ts';
import { newBucket, newName, put } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';
import { complete, sendPart, startUpload } from './support/uploads.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
});

test('the parts go, the object stays', async () => {
  await put(Bucket, 'k', 'old');
  const where = { Bucket, Key: 'k', UploadId: await startUpload(Bucket, 'k') };
  await sendPart(where, 1, 'part');
  const options = { RequestPayer: 'requester' as const, ExpectedBucketOwner: target.main.canonicalId };
  const gone = await main.send(new AbortMultipartUploadCommand({ ...where, ...options }));
  expect(gone.$metadata.httpStatusCode).toBe(204);
  await refuses(main, new ListPartsCommand(where), 'NoSuchUpload');
  await refuses(main, new AbortMultipartUploadCommand(where), 'NoSuchUpload');
  expect(await textOf({ Bucket, Key: 'k' })).toBe('old');
});

test('only the upload that was started then', async () => {
  const where = { Bucket, Key: 'timed', UploadId: await startUpload(Bucket, 'timed') };
  const { Uploads } = await main.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'timed' }));
  const IfMatchInitiatedTime = Uploads![0]!.Initiated!;
  const other = new Date(IfMatchInitiatedTime.getTime() - 3_600_000);
  await refuses(main, new AbortMultipartUploadCommand({ ...where, IfMatchInitiatedTime: other }), 'PreconditionFailed');
  await main.send(new AbortMultipartUploadCommand({ ...where, IfMatchInitiatedTime }));
});

test('uploads that are not open', async () => {
  const where = { Bucket, Key: 'done', UploadId: await startUpload(Bucket, 'done') };
  const { ETag } = await sendPart(where, 1, 'part');
  await complete(where, [{ PartNumber: 1, ETag }]);
  await refuses(main, new AbortMultipartUploadCommand(where), 'NoSuchUpload');
  expect(await textOf({ Bucket, Key: 'done' })).toBe('part');
  await refuses(main, new AbortMultipartUploadCommand({ Bucket, Key: 'k', UploadId: 'made up' }), 'NoSuchUpload');
  await refuses(main, new AbortMultipartUploadCommand({ ...where, Bucket: newName() }), 'NoSuchBucket');
});
