// The region of a bucket, in the one document that is a bare element.
import { GetBucketLocationCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { newBucket } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { raw } from './support/raw.ts';
import { region, target } from './support/target.ts';

test('us-east-1 has no name', async () => {
  const Bucket = await newBucket();
  const { LocationConstraint } = await main.send(
    new GetBucketLocationCommand({ Bucket, ExpectedBucketOwner: target.main.canonicalId }),
  );
  expect(LocationConstraint ?? '').toBe(region === 'us-east-1' ? '' : region);
});

test('the document is one element', async () => {
  const Bucket = await newBucket();
  const { body } = await raw({ target: `/${Bucket}?location` });
  expect(body).toMatch(
    /<LocationConstraint xmlns="http:\/\/s3\.amazonaws\.com\/doc\/2006-03-01\/"\s*(\/>|><\/LocationConstraint>)/,
  );
});
