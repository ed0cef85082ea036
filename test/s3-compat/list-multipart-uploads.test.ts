// Open uploads by key and time.
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { newBucket, newName } from './support/buckets.ts';
import { alt, main } from './support/clients.ts';
import { rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';
import { startUpload } from './support/uploads.ts';

let Bucket: string;
const ids = new Map<string, string[]>();
beforeAll(async () => {
  Bucket = await newBucket();
  for (const key of ['b', 'a/1', 'a/2', 'b', 'c d+e', 'b']) {
    ids.set(key, [...(ids.get(key) ?? []), await startUpload(Bucket, key, { ChecksumAlgorithm: 'CRC32' })]);
  }
});
const list = (more: object = {}) => main.send(new ListMultipartUploadsCommand({ Bucket, ...more }));
const pairs = (uploads: { Key?: string; UploadId?: string }[] = []) =>
  uploads.map(({ Key, UploadId }) => [Key, UploadId]);

test('by key, then by time', async () => {
  const got = await list({ RequestPayer: 'requester', ExpectedBucketOwner: target.main.canonicalId });
  expect(pairs(got.Uploads)).toEqual(
    ['a/1', 'a/2', 'b', 'c d+e'].flatMap((key) => ids.get(key)!.map((id) => [key, id])),
  );
  const me = { ID: target.main.canonicalId, DisplayName: target.main.displayName };
  expect(got.Uploads![0]).toMatchObject({
    Owner: me,
    Initiator: me,
    StorageClass: 'STANDARD',
    ChecksumAlgorithm: 'CRC32',
    ChecksumType: 'COMPOSITE',
  });
  expect(Math.abs(Date.now() - got.Uploads![0]!.Initiated!.getTime())).toBeLessThan(600_000);
  expect(got).toMatchObject({ Bucket, IsTruncated: false, MaxUploads: 1000 });
});

test('prefix and delimiter', async () => {
  const got = await list({ Delimiter: '/' });
  expect(got.CommonPrefixes).toEqual([{ Prefix: 'a/' }]);
  expect(got.Uploads!.map(({ Key }) => Key)).toEqual(['b', 'b', 'b', 'c d+e']);
  expect(got.Delimiter).toBe('/');
  const under = await list({ Prefix: 'a/' });
  expect(under.Prefix).toBe('a/');
  expect(under.Uploads).toHaveLength(2);
});

test('pages by key and upload', async () => {
  const seen: unknown[] = [];
  let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  for (let more = true; more; ) {
    const page = await list({ MaxUploads: 2, ...markers });
    if (markers.KeyMarker) expect(page).toMatchObject(markers);
    seen.push(...pairs(page.Uploads));
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    more = page.IsTruncated!;
    expect(seen.length).toBeLessThanOrEqual(6);
  }
  expect(seen).toEqual(pairs((await list()).Uploads));
  // A key alone goes on behind all of its uploads; an upload alone is no marker.
  expect((await list({ KeyMarker: 'b' })).Uploads!.map(({ Key }) => Key)).toEqual(['c d+e']);
  expect((await list({ UploadIdMarker: ids.get('b')![0] })).Uploads).toHaveLength(6);
});

test('names can be encoded', async () => {
  const got = await list({ Prefix: 'c d', EncodingType: 'url' });
  expect(got).toMatchObject({ EncodingType: 'url', Prefix: 'c%20d' });
  expect(got.Uploads!.map(({ Key }) => Key)).toEqual(['c%20d%2Be']);
});

test('READ on the bucket suffices', async () => {
  const open = await newBucket({ ACL: 'public-read' });
  await startUpload(open, 'k');
  const { Uploads } = await alt.send(new ListMultipartUploadsCommand({ Bucket: open }));
  expect(Uploads).toHaveLength(1);
});

test('values that make no sense', async () => {
  const noMarker = { KeyMarker: 'k', UploadIdMarker: 'made-up' };
  await refuses(main, new ListMultipartUploadsCommand({ Bucket, ...noMarker }), 'InvalidArgument');
  await refuses(main, new ListMultipartUploadsCommand({ Bucket, MaxUploads: -1 }), 'InvalidArgument');
  await refuses(main, new ListMultipartUploadsCommand({ Bucket, EncodingType: 'base64' as never }), 'InvalidArgument');
  await rawRefused('ListMultipartUploads', { target: `/${Bucket}?uploads&max-uploads=few` }, 'InvalidArgument');
  await refuses(main, new ListMultipartUploadsCommand({ Bucket: newName() }), 'NoSuchBucket');
});
