// One version loses its tags.
import { DeleteObjectCommand, DeleteObjectTaggingCommand, GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { newBucket, put } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';

test('all tags of one version go', async () => {
  const Bucket = await newBucket({ versioned: true });
  const { VersionId } = await put(Bucket, 'k', '1', { Tagging: 'a=1' });
  await put(Bucket, 'k', '2', { Tagging: 'b=2' });
  const remove = (more: object = {}) => new DeleteObjectTaggingCommand({ Bucket, Key: 'k', ...more });
  const gone = await main.send(remove({ ExpectedBucketOwner: target.main.canonicalId }));
  expect(gone.$metadata.httpStatusCode).toBe(204);
  const tagsOf = async (more: object = {}) =>
    (await main.send(new GetObjectTaggingCommand({ Bucket, Key: 'k', ...more }))).TagSet;
  expect(await tagsOf()).toEqual([]);
  expect(await tagsOf({ VersionId })).toEqual([{ Key: 'a', Value: '1' }]);
  expect((await main.send(remove({ VersionId }))).VersionId).toBe(VersionId);
  expect(await tagsOf({ VersionId })).toEqual([]);
  const marker = await main.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
  await refuses(main, remove(), 'NoSuchKey');
  await refuses(main, remove({ VersionId: marker.VersionId }), 'MethodNotAllowed');
  await refuses(main, remove({ Key: 'other', VersionId }), 'NoSuchVersion');
});
