// A bucket gets a set of tags.
import { GetBucketTaggingCommand, PutBucketTaggingCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { md5Base64 } from './support/bodies.ts';
import { newBucket } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { rawAs, rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
});
const tags = (count: number) => Array.from({ length: count }, (_, at) => ({ Key: `k${10 + at}`, Value: `v${at}` }));
const set = (TagSet: object[], more: object = {}) =>
  new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: TagSet as never }, ...more });
const tagsOf = async () => (await main.send(new GetBucketTaggingCommand({ Bucket }))).TagSet;

test('replaces the set', async () => {
  await main.send(set(tags(50)));
  expect(await tagsOf()).toEqual(tags(50));
  const made = await main.send(
    set(tags(2), { ChecksumAlgorithm: 'SHA1', ExpectedBucketOwner: target.main.canonicalId }),
  );
  expect(made.$metadata.httpStatusCode).toBe(204);
  expect(await tagsOf()).toEqual(tags(2));
});

test('limits', async () => {
  await refuses(main, set(tags(51)), 'BadRequest');
  await refuses(main, set([...tags(1), ...tags(1)]), 'InvalidTag');
  await refuses(main, set([{ Key: 'k'.repeat(129), Value: '' }]), 'InvalidTag');
  await refuses(main, set([{ Key: 'aws:mine', Value: '' }]), 'InvalidTag');
});

test('bodies', async () => {
  const request = (body: string, headers = {}) => ({ method: 'PUT', target: `/${Bucket}?tagging`, body, headers });
  await rawRefused('PutBucketTagging', request(''), 'MissingRequestBodyError');
  for (const body of ['text', '<Other/>', '<Tagging>'])
    await rawRefused('PutBucketTagging', request(body), 'MalformedXML');
  const body = '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>';
  const answer = await rawAs('PutBucketTagging', ['ContentMD5'], request(body, { 'content-md5': md5Base64(body) }));
  expect(answer.status, answer.body).toBe(204);
  expect(await tagsOf()).toEqual([{ Key: 'a', Value: 'b' }]);
});
