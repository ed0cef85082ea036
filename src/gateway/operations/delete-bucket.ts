// DeleteBucket: only an empty one goes.
import { DeleteBucketCommand } from '@aws-sdk/client-s3';
import { operation } from '../operation.ts';
import { onBucket } from '../targets.ts';

export default operation({
  command: DeleteBucketCommand,
  actions: onBucket('s3:DeleteBucket'),
  errors: ['NoSuchBucket', 'BucketNotEmpty'],
  async handle(input, { objects }) {
    await objects.deleteBucket(input.Bucket);
    return { output: {} };
  },
});
