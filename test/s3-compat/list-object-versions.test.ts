// Every version and marker, newest first within a key.
import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
} from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { etagOf } from './support/bodies.ts';
import { newBucket, newName, put, setVersioning } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';

let Bucket: string;
/** What was made, in the order a listing must have. */
let expected: [key: string, id: string][];
beforeAll(async () => {
  Bucket = await newBucket();
  await put(Bucket, 'a', 'null');
  await setVersioning(Bucket, 'Enabled');
  const a2 = await put(Bucket, 'a', '22');
  const a3 = await put(Bucket, 'a', '333');
  const b1 = await put(Bucket, 'b/1', '1');
  const marker = await main.send(new DeleteObjectCommand({ Bucket, Key: 'b/1' }));
  const c1 = await put(Bucket, 'c +', '1');
  expected = [
    ['a', a3.VersionId!],
    ['a', a2.VersionId!],
    ['a', 'null'],
    ['b/1', marker.VersionId!],
    ['b/1', b1.VersionId!],
    ['c +', c1.VersionId!],
  ];
});
const list = (more: Partial<ListObjectVersionsCommandInput> = {}) =>
  main.send(new ListObjectVersionsCommand({ Bucket, ...more }));
type Listed = Awaited<ReturnType<typeof list>>;
const pairs = (got: Listed) =>
  [...(got.Versions ?? []), ...(got.DeleteMarkers ?? [])].map(({ Key, VersionId }): [string, string] => [
    Key!,
    VersionId!,
  ]);
const sorted = (list: [string, string][]) => [...list].sort((left, right) => (String(left) < String(right) ? -1 : 1));

test('keys ascending, newest first, markers apart', async () => {
  const got = await list({
    RequestPayer: 'requester',
    ExpectedBucketOwner: target.main.canonicalId,
    OptionalObjectAttributes: ['RestoreStatus'],
  });
  const marker = expected[3]!;
  expect(got.Versions!.map(({ Key, VersionId }) => [Key, VersionId])).toEqual(
    expected.filter((pair) => pair !== marker),
  );
  expect(got.DeleteMarkers).toMatchObject([
    { Key: 'b/1', VersionId: marker[1], IsLatest: true, Owner: { ID: target.main.canonicalId } },
  ]);
  expect(got.Versions!.map(({ IsLatest }) => IsLatest)).toEqual([true, false, false, false, true]);
  expect(got.Versions![0]).toMatchObject({
    ETag: etagOf('333'),
    Size: 3,
    StorageClass: 'STANDARD',
    Owner: { ID: target.main.canonicalId, DisplayName: target.main.displayName },
  });
  expect(got).toMatchObject({
    Name: Bucket,
    Prefix: '',
    KeyMarker: '',
    VersionIdMarker: '',
    MaxKeys: 1000,
    IsTruncated: false,
  });
});

test.each([1, 2, 4])('pages of %i', async (MaxKeys) => {
  const seen: [string, string][] = [];
  let markers: Partial<ListObjectVersionsCommandInput> = {};
  for (let more = true; more; ) {
    const page = await list({ MaxKeys, ...markers });
    seen.push(...pairs(page));
    more = page.IsTruncated!;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    expect(seen.length).toBeLessThanOrEqual(expected.length);
  }
  expect(sorted(seen)).toEqual(sorted(expected));
});

test('behind a key, behind a version', async () => {
  expect(sorted(pairs(await list({ KeyMarker: 'a' })))).toEqual(sorted(expected.slice(3)));
  expect(sorted(pairs(await list({ KeyMarker: 'a', VersionIdMarker: expected[0]![1] })))).toEqual(
    sorted(expected.slice(1)),
  );
  expect(sorted(pairs(await list({ KeyMarker: 'a', VersionIdMarker: 'null' })))).toEqual(sorted(expected.slice(3)));
});

test('prefix, delimiter, encoding', async () => {
  const got = await list({ Delimiter: '/' });
  expect(got.CommonPrefixes).toEqual([{ Prefix: 'b/' }]);
  expect(got.Delimiter).toBe('/');
  expect(pairs(got)).toHaveLength(4);
  expect(pairs(await list({ Prefix: 'b' }))).toHaveLength(2);
  const encoded = await list({ Prefix: 'c ', EncodingType: 'url' });
  expect(encoded).toMatchObject({ Prefix: 'c%20', EncodingType: 'url' });
  expect(encoded.Versions![0]!.Key).toBe('c%20%2B');
});

test('a bucket without versions has null ones', async () => {
  const plain = await newBucket();
  await put(plain, 'k');
  const { Versions } = await main.send(new ListObjectVersionsCommand({ Bucket: plain }));
  expect(Versions).toMatchObject([{ Key: 'k', VersionId: 'null', IsLatest: true }]);
});

test('values that make no sense', async () => {
  await refuses(main, new ListObjectVersionsCommand({ Bucket, VersionIdMarker: 'null' }), 'InvalidArgument');
  await refuses(main, new ListObjectVersionsCommand({ Bucket, MaxKeys: -1 }), 'InvalidArgument');
  await refuses(main, new ListObjectVersionsCommand({ Bucket, EncodingType: 'base64' as never }), 'InvalidArgument');
  await rawRefused('ListObjectVersions', { target: `/${Bucket}?versions&max-keys=many` }, 'InvalidArgument');
  await rawRefused(
    'ListObjectVersions',
    { target: `/${Bucket}?versions&key-marker=a&version-id-marker=` },
    'InvalidArgument',
  );
  await refuses(main, new ListObjectVersionsCommand({ Bucket: newName() }), 'NoSuchBucket');
});
