// Nothing is said of what was never put.
import { GetBucketVersioningCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { newBucket, setVersioning } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { raw } from './support/raw.ts';
import { target } from './support/target.ts';

test('nothing, until it was put', async () => {
  const Bucket = await newBucket();
  const ask = () => main.send(new GetBucketVersioningCommand({ Bucket, ExpectedBucketOwner: target.main.canonicalId }));
  expect([(await ask()).Status, (await ask()).MFADelete]).toEqual([undefined, undefined]);
  await setVersioning(Bucket, 'Enabled');
  expect((await ask()).Status).toBe('Enabled');
  const { body } = await raw({ target: `/${Bucket}?versioning` });
  expect(body).toContain(
    '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status>',
  );
});
