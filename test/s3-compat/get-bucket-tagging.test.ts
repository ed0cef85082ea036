// A bucket has tags, or no set of them.
import { GetBucketTaggingCommand, PutBucketTaggingCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { newBucket } from './support/buckets.ts';
import { main } from './support/clients.ts';
import { refuses } from './support/refuses.ts';
import { target } from './support/target.ts';

test('a bucket has tags, or no set of them', async () => {
  const Bucket = await newBucket();
  await refuses(main, new GetBucketTaggingCommand({ Bucket }), 'NoSuchTagSet');
  await main.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'a', Value: '1' }] } }));
  const { TagSet } = await main.send(
    new GetBucketTaggingCommand({ Bucket, ExpectedBucketOwner: target.main.canonicalId }),
  );
  expect(TagSet).toEqual([{ Key: 'a', Value: '1' }]);
});
