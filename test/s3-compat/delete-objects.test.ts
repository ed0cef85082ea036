// Up to a thousand deletes, each with an outcome of its own.
import { DeleteObjectsCommand, ListObjectsV2Command, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { etagOf, md5Base64 } from './support/bodies.ts';
import { newBucket, put } from './support/buckets.ts';
import { alt, main } from './support/clients.ts';
import { raw, rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
});
const remove = (Objects: object[], more: object = {}, Quiet?: boolean) =>
  main.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: Objects as never, Quiet }, ...more }));
const keysLeft = async (bucket = Bucket) =>
  ((await main.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? []).map(({ Key }) => Key);

test('what was there and what was not, in the order asked', async () => {
  for (const key of ['a', 'b', 'c', 'odd & <key>']) await put(Bucket, key);
  const options = {
    RequestPayer: 'requester',
    BypassGovernanceRetention: true,
    ExpectedBucketOwner: target.main.canonicalId,
  };
  const { Deleted, Errors } = await remove(
    [{ Key: 'c' }, { Key: 'never' }, { Key: 'a' }, { Key: 'odd & <key>' }],
    options,
  );
  expect(Deleted).toEqual([{ Key: 'c' }, { Key: 'never' }, { Key: 'a' }, { Key: 'odd & <key>' }]);
  expect(Errors).toBeUndefined();
  expect(await keysLeft()).toEqual(['b']);
});

test('quiet speaks of errors only', async () => {
  await put(Bucket, 'q');
  const { Deleted, Errors } = await remove(
    [{ Key: 'q' }, { Key: 'x'.repeat(1025) }],
    { ChecksumAlgorithm: 'SHA256' },
    true,
  );
  expect(Deleted).toBeUndefined();
  expect(Errors).toMatchObject([{ Code: 'KeyTooLongError', Key: 'x'.repeat(1025) }]);
  expect(await keysLeft()).not.toContain('q');
});

test('conditions of each entry', async () => {
  await put(Bucket, 'one', '1');
  await put(Bucket, 'two', '22');
  const { Deleted, Errors } = await remove([
    { Key: 'one', ETag: '"nope"' },
    { Key: 'two', ETag: etagOf('22'), Size: 2 },
    { Key: 'one', Size: 7 },
    { Key: 'one', LastModifiedTime: new Date(0) },
  ]);
  expect(Deleted).toEqual([{ Key: 'two' }]);
  expect(Errors).toMatchObject(Array.from({ length: 3 }, () => ({ Key: 'one', Code: 'PreconditionFailed' })));
  expect(await keysLeft()).toContain('one');
});

test('versions and markers', async () => {
  Bucket = await newBucket({ versioned: true });
  const { VersionId } = await put(Bucket, 'v', 'one');
  const covered = await remove([{ Key: 'v' }, { Key: 'never' }]);
  expect(covered.Deleted).toMatchObject([
    { Key: 'v', DeleteMarker: true },
    { Key: 'never', DeleteMarker: true },
  ]);
  const marker = covered.Deleted![0]!.DeleteMarkerVersionId!;
  expect(marker).toBeTruthy();
  const gone = await remove([
    { Key: 'v', VersionId: marker },
    { Key: 'v', VersionId },
  ]);
  expect(gone.Deleted).toEqual([
    { Key: 'v', VersionId: marker, DeleteMarker: true, DeleteMarkerVersionId: marker },
    { Key: 'v', VersionId },
  ]);
  const left = await main.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'v' }));
  expect([left.Versions, left.DeleteMarkers]).toEqual([undefined, undefined]);
});

test('five at once delete the same versions, and each is told of all', async () => {
  Bucket = await newBucket({ versioned: true });
  const Objects: object[] = [];
  for (let at = 0; at < 20; at++) Objects.push({ Key: `k${at}`, VersionId: (await put(Bucket, `k${at}`)).VersionId });
  const answers = await Promise.all(Array.from({ length: 5 }, () => remove(Objects)));
  for (const { Deleted, Errors } of answers) {
    expect(Errors).toBeUndefined();
    expect(Deleted).toHaveLength(20);
  }
});

test('who may write may hide, but only the owner removes versions', async () => {
  Bucket = await newBucket({ versioned: true, ACL: 'public-read-write' });
  const { VersionId } = await put(Bucket, 'k', 'kept');
  const Objects = [{ Key: 'k' }, { Key: 'k', VersionId }];
  const { Deleted, Errors } = await alt.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  expect(Deleted).toMatchObject([{ Key: 'k', DeleteMarker: true }]);
  expect(Errors).toMatchObject([{ Key: 'k', VersionId, Code: 'AccessDenied' }]);
});

test('a thousand keys, and not one more', async () => {
  Bucket = await newBucket();
  const keys = (count: number) => Array.from({ length: count }, (_, at) => ({ Key: `none-${at}` }));
  expect((await remove(keys(1000))).Deleted).toHaveLength(1000);
  await refuses(main, new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys(1001) } }), 'MalformedXML');
});

test('bodies that are no list, or not the one that was sent', async () => {
  const request = (body: string, headers: Record<string, string> = { 'content-md5': md5Base64(body) }) => ({
    method: 'POST',
    target: `/${Bucket}?delete`,
    body,
    headers,
  });
  const list = '<Delete><Object><Key>k</Key></Object></Delete>';
  expect((await raw(request(list))).status).toBe(200);
  await rawRefused('DeleteObjects', request(''), 'MissingRequestBodyError');
  for (const body of [
    '<Delete/>',
    '<Delete><Object/></Delete>',
    '<Other/>',
    '<Delete><Object><Key>k</Key>',
    'text',
    `<!DOCTYPE x [<!ENTITY e "e">]>${list}`,
  ]) {
    await rawRefused('DeleteObjects', request(body), 'MalformedXML');
  }
  await rawRefused('DeleteObjects', request(list, { 'content-md5': md5Base64('other') }), 'BadDigest');
  await rawRefused('DeleteObjects', request(list, {}), 'InvalidRequest');
});
