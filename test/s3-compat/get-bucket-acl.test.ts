// Owner and grants of a bucket.
import { GetBucketAclCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { everyone, mainUser } from './support/acls.ts';
import { newBucket } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { raw } from './support/raw.ts';

test('owner and grants', async () => {
  const Bucket = await newBucket({ ACL: 'public-read-write' });
  const { Owner, Grants } = await main.send(
    new GetBucketAclCommand({ Bucket, ExpectedBucketOwner: mainUser.canonicalId }),
  );
  expect(Owner).toEqual({ ID: mainUser.canonicalId, DisplayName: mainUser.displayName });
  expect(Grants).toContainEqual({
    Grantee: { Type: 'CanonicalUser', ID: mainUser.canonicalId, DisplayName: mainUser.displayName },
    Permission: 'FULL_CONTROL',
  });
  for (const Permission of ['READ', 'WRITE']) {
    expect(Grants).toContainEqual({ Grantee: { Type: 'Group', URI: everyone }, Permission });
  }
  const { body } = await raw({ target: `/${Bucket}?acl` });
  expect(body).toMatch(/<Grantee [^>]*xsi:type="CanonicalUser"/);
});
