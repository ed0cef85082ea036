// A bucket loses its set of tags.
import { DeleteBucketTaggingCommand, GetBucketTaggingCommand, PutBucketTaggingCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { newBucket } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';

test('the set goes', async () => {
  const Bucket = await newBucket();
  await main.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'a', Value: '1' }] } }));
  const gone = await main.send(
    new DeleteBucketTaggingCommand({ Bucket, ExpectedBucketOwner: target.main.canonicalId }),
  );
  expect(gone.$metadata.httpStatusCode).toBe(204);
  await refuses(main, new GetBucketTaggingCommand({ Bucket }), 'NoSuchTagSet');
});
