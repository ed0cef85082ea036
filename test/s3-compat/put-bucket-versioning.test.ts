// On, suspended, never off; what happens to null versions.
import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { md5Base64, textOf } from './support/bodies.ts';
import { newBucket, put, setVersioning } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { rawAs, rawRefused } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';

let Bucket: string;
beforeAll(async () => {
  Bucket = await newBucket();
});
const set = (VersioningConfiguration: object, more: object = {}) =>
  new PutBucketVersioningCommand({ Bucket, VersioningConfiguration, ...more });

test('on, and suspended', async () => {
  const options = { ChecksumAlgorithm: 'SHA256', ExpectedBucketOwner: target.main.canonicalId };
  await main.send(set({ Status: 'Enabled', MFADelete: 'Disabled' }, options));
  expect((await main.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
  await setVersioning(Bucket, 'Suspended');
  expect((await main.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Suspended');
});

test('the null version is replaced while suspended, others stay', async () => {
  const bucket = await newBucket({ versioned: true });
  const kept = await put(bucket, 'k', 'kept');
  await setVersioning(bucket, 'Suspended');
  const first = await put(bucket, 'k', 'null one');
  const second = await put(bucket, 'k', 'null two');
  expect([first.VersionId, second.VersionId]).toEqual([undefined, undefined]);
  const { Versions } = await main.send(new ListObjectVersionsCommand({ Bucket: bucket }));
  expect(Versions!.map(({ VersionId }) => VersionId)).toEqual(['null', kept.VersionId]);
  expect(await textOf({ Bucket: bucket, Key: 'k', VersionId: 'null' })).toBe('null two');
  await setVersioning(bucket, 'Enabled');
  await put(bucket, 'k', 'newest');
  expect((await main.send(new ListObjectVersionsCommand({ Bucket: bucket }))).Versions).toHaveLength(3);
  await main.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k', VersionId: 'null' }));
  expect(await textOf({ Bucket: bucket, Key: 'k' })).toBe('newest');
});

test('configurations that are none', async () => {
  await refuses(main, set({}), 'IllegalVersioningConfigurationException');
  await refuses(main, set({ Status: 'On' }), 'MalformedXML');
  await refuses(main, set({ Status: 'Enabled', MFADelete: 'Enabled' }), 'NotImplemented');
  const request = (body: string, headers = {}) => ({ method: 'PUT', target: `/${Bucket}?versioning`, body, headers });
  await rawRefused('PutBucketVersioning', request(''), 'MissingRequestBodyError');
  for (const body of ['text', '<Other/>', '<VersioningConfiguration><Status>Enabled']) {
    await rawRefused('PutBucketVersioning', request(body), 'MalformedXML');
  }
  const body =
    '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Suspended</Status></VersioningConfiguration>';
  const answer = await rawAs('PutBucketVersioning', ['ContentMD5'], request(body, { 'content-md5': md5Base64(body) }));
  expect(answer.status, answer.body).toBe(200);
});
