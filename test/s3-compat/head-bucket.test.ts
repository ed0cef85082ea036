// Is it there, may I see it, where is it?
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { newBucket, newName } from './support/buckets.ts';
import { alt, main } from './support/clients.ts';
import { raw } from './support/raw.ts';
import { refuses } from './support/refuses.ts';
import { region, target } from './support/target.ts';

test('tells the region', async () => {
  const Bucket = await newBucket();
  const head = await main.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner: target.main.canonicalId }));
  expect(head.BucketRegion).toBe(region);
});

test('a bucket that is not there', async () => {
  await refuses(main, new HeadBucketCommand({ Bucket: newName() }), 'NoSuchBucket');
});

test('READ on the bucket suffices', async () => {
  const Bucket = await newBucket({ ACL: 'authenticated-read' });
  await alt.send(new HeadBucketCommand({ Bucket }));
});

test('an error has no body', async () => {
  const answer = await raw({ method: 'HEAD', target: `/${newName()}` });
  expect(answer.status).toBe(404);
  expect(answer.body).toBe('');
  expect(answer.headers['x-amz-request-id']).toBeTruthy();
});
