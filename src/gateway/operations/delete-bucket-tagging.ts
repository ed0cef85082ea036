// DeleteBucketTagging: a bucket loses all its tags.
import { DeleteBucketTaggingCommand } from '@aws-sdk/client-s3';
import { operation } from '../operation.ts';
import { onBucket } from '../targets.ts';

export default operation({
  command: DeleteBucketTaggingCommand,
  actions: onBucket('s3:PutBucketTagging'),
  errors: ['NoSuchBucket'],
  async handle(input, { objects }) {
    await objects.updateBucket(input.Bucket, (bucket) => ({ ...bucket, tags: [] }));
    return { output: {} };
  },
});
