// What an open upload has so far.
import { ListPartsCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { etagOf, sha256Base64 } from './support/bodies.ts';
import { newBucket, newName } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';
import { sendPart, startUpload } from './support/uploads.ts';

const numbers = [1, 2, 5, 10, 9_999];
let where: { Bucket: string; Key: string; UploadId: string };
beforeAll(async () => {
  const Bucket = await newBucket();
  where = { Bucket, Key: 'a key', UploadId: await startUpload(Bucket, 'a key', { ChecksumAlgorithm: 'SHA256' }) };
  for (const number of [...numbers].reverse())
    await sendPart(where, number, `part ${number}`, { ChecksumAlgorithm: 'SHA256' });
});
const list = (more: object = {}) => main.send(new ListPartsCommand({ ...where, ...more }));

test('all parts by number', async () => {
  const got = await list({ RequestPayer: 'requester', ExpectedBucketOwner: target.main.canonicalId });
  const me = { ID: target.main.canonicalId, DisplayName: target.main.displayName };
  expect(got).toMatchObject({
    ...where,
    IsTruncated: false,
    MaxParts: 1000,
    StorageClass: 'STANDARD',
    ChecksumAlgorithm: 'SHA256',
    ChecksumType: 'COMPOSITE',
    Owner: me,
    Initiator: me,
  });
  expect(got.Parts).toMatchObject(
    numbers.map((PartNumber) => ({
      PartNumber,
      Size: `part ${PartNumber}`.length,
      ETag: etagOf(`part ${PartNumber}`),
      ChecksumSHA256: sha256Base64(`part ${PartNumber}`),
    })),
  );
});

test('pages', async () => {
  const first = await list({ MaxParts: 2 });
  expect(first).toMatchObject({ IsTruncated: true, MaxParts: 2, NextPartNumberMarker: '2' });
  const second = await list({ MaxParts: 2, PartNumberMarker: first.NextPartNumberMarker });
  expect(second.Parts!.map(({ PartNumber }) => PartNumber)).toEqual([5, 10]);
  expect(second.PartNumberMarker).toBe('2');
  const rest = await list({ MaxParts: 2, PartNumberMarker: '10' });
  expect(rest).toMatchObject({ IsTruncated: false });
  expect((await list({ PartNumberMarker: '9999' })).Parts).toBeUndefined();
});

test('values that make no sense', async () => {
  await refuses(main, new ListPartsCommand({ ...where, MaxParts: -1 }), 'InvalidArgument');
  await refuses(main, new ListPartsCommand({ ...where, PartNumberMarker: 'two' }), 'InvalidArgument');
  await rawRefused(
    'ListParts',
    { target: `/${where.Bucket}/a%20key?max-parts=few&uploadId=${where.UploadId}` },
    'InvalidArgument',
  );
  await refuses(main, new ListPartsCommand({ ...where, UploadId: 'f'.repeat(32) }), 'NoSuchUpload');
  await refuses(main, new ListPartsCommand({ ...where, Bucket: newName() }), 'NoSuchBucket');
});
