// Version 2 of the listing: tokens, start-after, owners on demand.
import { ListObjectsV2Command, type ListObjectsV2CommandInput, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { etagOf, sha256Base64 } from './support/bodies.ts';
import { newBucket, newName, put } from './support/buckets.ts';
import { anonymous, main } from './support/clients.ts';
import { fill, treeKeys } from './support/listings.ts';
import { rawAs, rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
  await fill(Bucket, treeKeys);
});
const list = (more: Partial<ListObjectsV2CommandInput> = {}) =>
  main.send(new ListObjectsV2Command({ Bucket, ...more }));

test('entries, and their owner only on demand', async () => {
  const got = await list({
    RequestPayer: 'requester',
    ExpectedBucketOwner: target.main.canonicalId,
    OptionalObjectAttributes: ['RestoreStatus'],
  });
  expect(got).toMatchObject({ Name: Bucket, Prefix: '', MaxKeys: 1000, KeyCount: 5, IsTruncated: false });
  expect(got.Contents!.map(({ Key }) => Key)).toEqual(treeKeys);
  expect(got.Contents![0]).toMatchObject({ ETag: etagOf('asdf'), Size: 4, StorageClass: 'STANDARD' });
  expect(got.Contents![0]!.Owner).toBeUndefined();
  const owned = await list({ FetchOwner: true });
  expect(owned.Contents![0]!.Owner).toEqual({ ID: target.main.canonicalId, DisplayName: target.main.displayName });
  expect((await list({ FetchOwner: false })).Contents![0]!.Owner).toBeUndefined();
});

test('the SDK pages through', async () => {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client: main, pageSize: 2 }, { Bucket })) {
    keys.push(...page.Contents!.map(({ Key }) => Key!));
  }
  expect(keys).toEqual(treeKeys);
});

test('pages of keys and prefixes', async () => {
  const first = await list({ Delimiter: '/', MaxKeys: 2 });
  expect(first).toMatchObject({ KeyCount: 2, IsTruncated: true, MaxKeys: 2, Delimiter: '/' });
  expect(first.CommonPrefixes).toEqual([{ Prefix: 'boo/' }]);
  const second = await list({ Delimiter: '/', MaxKeys: 2, ContinuationToken: first.NextContinuationToken });
  expect(second).toMatchObject({ KeyCount: 1, IsTruncated: false, ContinuationToken: first.NextContinuationToken });
  expect(second.CommonPrefixes).toEqual([{ Prefix: 'cquux/' }]);
  expect(second.NextContinuationToken).toBeUndefined();
});

test('start-after, until a token says more', async () => {
  const after = await list({ StartAfter: 'boo/baz', MaxKeys: 1 });
  expect(after.StartAfter).toBe('boo/baz');
  expect(after.Contents!.map(({ Key }) => Key)).toEqual(['boo/baz/xyzzy']);
  const both = await list({ StartAfter: 'asdf', ContinuationToken: after.NextContinuationToken });
  expect(both).toMatchObject({ StartAfter: 'asdf', ContinuationToken: after.NextContinuationToken });
  expect(both.Contents!.map(({ Key }) => Key)).toEqual(['cquux/bla', 'cquux/thud']);
  const { body } = await rawAs('ListObjectsV2', ['ContinuationToken'], {
    target: `/${Bucket}?list-type=2&continuation-token=`,
  });
  expect(body).toMatch(/<ContinuationToken\s*\/>|<ContinuationToken><\/ContinuationToken>/);
});

test('prefix and encoding', async () => {
  await put(Bucket, 'sp ace+/é');
  const got = await list({ Prefix: 'sp ', EncodingType: 'url', StartAfter: 'sp' });
  expect(got).toMatchObject({ Prefix: 'sp%20', EncodingType: 'url', StartAfter: 'sp' });
  expect(got.Contents!.map(({ Key }) => Key)).toEqual(['sp%20ace%2B/%C3%A9']);
});

test('checksums are named', async () => {
  const sums = await newBucket();
  await put(sums, 'k', 'x', { ChecksumSHA256: sha256Base64('x') });
  const { Contents } = await main.send(new ListObjectsV2Command({ Bucket: sums }));
  expect(Contents![0]).toMatchObject({ ChecksumAlgorithm: ['SHA256'], ChecksumType: 'FULL_OBJECT' });
});

test('public-read lets anyone list', async () => {
  const open = await newBucket({ ACL: 'public-read' });
  await put(open, 'k');
  expect((await anonymous.send(new ListObjectsV2Command({ Bucket: open }))).KeyCount).toBe(1);
});

test('tokens that we did not give, and other nonsense', async () => {
  const { NextContinuationToken: token } = await list({ MaxKeys: 1 });
  const bytes = Buffer.from(token!, 'base64url');
  bytes[bytes.length - 1]! ^= 1;
  for (const ContinuationToken of ['asdf', bytes.toString('base64url'), token!.slice(0, -2), `${token}=`]) {
    await refuses(main, new ListObjectsV2Command({ Bucket, ContinuationToken }), 'InvalidArgument');
  }
  await refuses(main, new ListObjectsV2Command({ Bucket, MaxKeys: -1 }), 'InvalidArgument');
  await refuses(main, new ListObjectsV2Command({ Bucket, EncodingType: 'base64' as never }), 'InvalidArgument');
  await rawRefused('ListObjectsV2', { target: `/${Bucket}?list-type=2&max-keys=many` }, 'InvalidArgument');
  await refuses(main, new ListObjectsV2Command({ Bucket: newName() }), 'NoSuchBucket');
});
