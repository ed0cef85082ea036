// Owner and grants of a version.
import { DeleteObjectCommand, GetObjectAclCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { m, mainUser, short } from './support/acls.ts';
import { newBucket, put } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { refuses } from './support/refuses.ts';

test('of the current and of a named version', async () => {
  const Bucket = await newBucket({ versioned: true });
  const { VersionId } = await put(Bucket, 'k', '1', { ACL: 'public-read' });
  await put(Bucket, 'k', '2');
  const ask = (more: object = {}) => new GetObjectAclCommand({ Bucket, Key: 'k', ...more });
  const got = await main.send(ask({ RequestPayer: 'requester', ExpectedBucketOwner: mainUser.canonicalId }));
  expect(got.Owner).toEqual({ ID: mainUser.canonicalId, DisplayName: mainUser.displayName });
  expect(short(got.Grants)).toEqual([`${m} FULL_CONTROL`]);
  expect(short((await main.send(ask({ VersionId }))).Grants)).toContain('AllUsers READ');
  const marker = await main.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
  await refuses(main, ask(), 'NoSuchKey');
  await refuses(main, ask({ VersionId: marker.VersionId }), 'MethodNotAllowed');
  await refuses(main, ask({ Key: 'other', VersionId }), 'NoSuchVersion');
});
