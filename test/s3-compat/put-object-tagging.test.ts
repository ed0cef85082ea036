// One version gets a set of tags.
import {
  DeleteObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { md5Base64 } from './support/bodies.ts';
import { newBucket, put } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { rawAs, rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
  await put(Bucket, 'k');
});
const tags = (count: number) => Array.from({ length: count }, (_, at) => ({ Key: `k${at}`, Value: `v${at}` }));
const set = (TagSet: object[], more: object = {}) =>
  new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet: TagSet as never }, ...more });
const tagsOf = async (more: object = {}) =>
  (await main.send(new GetObjectTaggingCommand({ Bucket, Key: 'k', ...more }))).TagSet;

test('replaces the set, and touches nothing else', async () => {
  const before = await main.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
  await main.send(set([{ Key: 'gone', Value: 'soon' }]));
  const options = {
    RequestPayer: 'requester',
    ChecksumAlgorithm: 'CRC32',
    ExpectedBucketOwner: target.main.canonicalId,
  };
  await main.send(set(tags(10), options));
  expect(await tagsOf()).toEqual(tags(10));
  const after = await main.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
  expect([after.ETag, after.LastModified]).toEqual([before.ETag, before.LastModified]);
  expect(after.TagCount).toBe(10);
});

test('limits', async () => {
  await main.send(
    set([
      { Key: 'k'.repeat(128), Value: 'v'.repeat(256) },
      { Key: 'Größe', Value: '+-=._:/@ ' },
    ]),
  );
  await refuses(main, set(tags(11)), 'BadRequest');
  for (const bad of [
    [{ Key: 'k'.repeat(129), Value: '' }],
    [{ Key: 'k', Value: 'v'.repeat(257) }],
    [{ Key: '', Value: 'v' }],
    [{ Key: 'aws:reserved', Value: 'v' }],
    [{ Key: 'k', Value: '<tag>' }],
    [...tags(1), ...tags(1)],
  ]) {
    await refuses(main, set(bad), 'InvalidTag');
  }
});

test('of one version', async () => {
  const versioned = await newBucket({ versioned: true });
  const first = await put(versioned, 'k', '1');
  await put(versioned, 'k', '2');
  const { VersionId } = first;
  const made = await main.send(set(tags(1), { Bucket: versioned, VersionId }));
  expect(made.VersionId).toBe(VersionId);
  expect(await tagsOf({ Bucket: versioned, VersionId })).toEqual(tags(1));
  expect(await tagsOf({ Bucket: versioned })).toEqual([]);
  await refuses(main, set([], { Bucket: versioned, Key: 'other', VersionId }), 'NoSuchVersion');
  const marker = await main.send(new DeleteObjectCommand({ Bucket: versioned, Key: 'k' }));
  await refuses(main, set([], { Bucket: versioned, VersionId: marker.VersionId }), 'MethodNotAllowed');
  await refuses(main, set([], { Bucket: versioned }), 'NoSuchKey');
});

test('bodies that are no tags, objects that are not there', async () => {
  await refuses(main, set([], { Key: 'nothing' }), 'NoSuchKey');
  const request = (body: string, headers = {}) => ({ method: 'PUT', target: `/${Bucket}/k?tagging`, body, headers });
  await rawRefused('PutObjectTagging', request(''), 'MissingRequestBodyError');
  for (const body of [
    'text',
    '<Tagging/>',
    '<Other/>',
    '<Tagging><TagSet><Tag><Value>v</Value></Tag></TagSet></Tagging>',
    '<Tagging><TagSet>',
  ]) {
    await rawRefused('PutObjectTagging', request(body), 'MalformedXML');
  }
  const body = '<Tagging><TagSet></TagSet></Tagging>';
  const answer = await rawAs('PutObjectTagging', ['ContentMD5'], request(body, { 'content-md5': md5Base64(body) }));
  expect(answer.status, answer.body).toBe(200);
  expect(await tagsOf()).toEqual([]);
});
