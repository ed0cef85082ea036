// Chosen facts about a version, its parts in pages.
import { DeleteObjectCommand, GetObjectAttributesCommand, ObjectAttributes } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { md5, partBytes, random, sha256Base64 } from './support/bodies.ts';
import { newBucket, put } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';
import { uploadWhole } from './support/uploads.ts';

const all = Object.values(ObjectAttributes);
let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
  await put(Bucket, 'k', 'body', { ChecksumSHA256: sha256Base64('body') });
});
const ask = (Key: string, more: object = {}) =>
  new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: all, ...more });

test('of a plain object', async () => {
  const got = await main.send(ask('k', { RequestPayer: 'requester', ExpectedBucketOwner: target.main.canonicalId }));
  expect(got).toMatchObject({
    ETag: md5('body'),
    Checksum: { ChecksumSHA256: sha256Base64('body'), ChecksumType: 'FULL_OBJECT' },
    StorageClass: 'STANDARD',
    ObjectSize: 4,
  });
  expect(got.ObjectParts).toBeUndefined();
  expect(got.LastModified).toBeInstanceOf(Date);
});

test('only what was asked', async () => {
  const got = await main.send(ask('k', { ObjectAttributes: ['ObjectSize'] }));
  expect(got.ObjectSize).toBe(4);
  expect(got.ETag ?? got.Checksum ?? got.StorageClass).toBeUndefined();
});

test('parts, in pages', async () => {
  const parts = [random(partBytes), random(partBytes), Buffer.from('tail')];
  await uploadWhole(Bucket, 'multi', parts, { ChecksumAlgorithm: 'SHA256' });
  const whole = await main.send(ask('multi'));
  expect(whole.ObjectParts).toMatchObject({ TotalPartsCount: 3, IsTruncated: false });
  expect(whole.ObjectParts!.Parts).toMatchObject(
    parts.map((part, at) => ({ PartNumber: at + 1, Size: part.length, ChecksumSHA256: sha256Base64(part) })),
  );
  expect(whole.Checksum).toMatchObject({ ChecksumType: 'COMPOSITE' });
  expect(whole.Checksum!.ChecksumSHA256).toMatch(/-3$/);
  const first = await main.send(ask('multi', { MaxParts: 2 }));
  expect(first.ObjectParts).toMatchObject({ IsTruncated: true, MaxParts: 2, NextPartNumberMarker: '2' });
  const rest = await main.send(ask('multi', { MaxParts: 2, PartNumberMarker: '2' }));
  expect(rest.ObjectParts).toMatchObject({ IsTruncated: false, PartNumberMarker: '2' });
  expect(rest.ObjectParts!.Parts!.map(({ PartNumber }) => PartNumber)).toEqual([3]);
});

test('values that make no sense', async () => {
  await refuses(main, ask('k', { ObjectAttributes: ['Unheard'] }), 'InvalidArgument');
  await refuses(main, ask('k', { MaxParts: -1 }), 'InvalidArgument');
  await refuses(main, ask('k', { PartNumberMarker: 'x' }), 'InvalidArgument');
  await rawRefused('GetObjectAttributes', { target: `/${Bucket}/k?attributes` }, 'InvalidArgument');
  const headers = { 'x-amz-object-attributes': '' };
  await rawRefused('GetObjectAttributes', { target: `/${Bucket}/k?attributes`, headers }, 'InvalidRequest');
});

test('versions and markers', async () => {
  const versioned = await newBucket({ versioned: true });
  const { VersionId } = await put(versioned, 'k', 'one');
  await put(versioned, 'k', 'longer');
  const marker = await main.send(new DeleteObjectCommand({ Bucket: versioned, Key: 'k' }));
  expect(await main.send(ask('k', { Bucket: versioned, VersionId }))).toMatchObject({ ObjectSize: 3, VersionId });
  await refuses(main, ask('k', { Bucket: versioned }), 'NoSuchKey');
  await refuses(main, ask('k', { Bucket: versioned, VersionId: marker.VersionId }), 'MethodNotAllowed');
  await refuses(main, ask('other', { Bucket: versioned, VersionId }), 'NoSuchVersion');
});
