// Tags of a version.
import { DeleteObjectCommand, GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { newBucket, put } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';

test('of the current and of a named version', async () => {
  const Bucket = await newBucket({ versioned: true });
  const { VersionId } = await put(Bucket, 'k', '1', { Tagging: 'a=1' });
  const current = await put(Bucket, 'k', '2', { Tagging: 'b=2' });
  const ask = (more: object = {}) => new GetObjectTaggingCommand({ Bucket, Key: 'k', ...more });
  const got = await main.send(ask({ RequestPayer: 'requester', ExpectedBucketOwner: target.main.canonicalId }));
  expect(got).toMatchObject({ TagSet: [{ Key: 'b', Value: '2' }], VersionId: current.VersionId });
  expect(await main.send(ask({ VersionId }))).toMatchObject({ TagSet: [{ Key: 'a', Value: '1' }], VersionId });
  const marker = await main.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
  await refuses(main, ask(), 'NoSuchKey');
  await refuses(main, ask({ VersionId: marker.VersionId }), 'MethodNotAllowed');
  await refuses(main, ask({ Key: 'other', VersionId }), 'NoSuchVersion');
});

test('an object without tags has an empty set', async () => {
  const Bucket = await newBucket();
  await put(Bucket, 'k');
  const got = await main.send(new GetObjectTaggingCommand({ Bucket, Key: 'k' }));
  expect(got.TagSet).toEqual([]);
  expect(got.VersionId).toBeUndefined();
});
