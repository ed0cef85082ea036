// HeadBucket: is it there, and may the caller see it? Authorisation has answered both.
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { operation } from '../operation.ts';
import { onBucket } from '../targets.ts';

export default operation({
  command: HeadBucketCommand,
  actions: onBucket('s3:ListBucket'),
  errors: ['NoSuchBucket'],
  async handle(input, { objects }) {
    const bucket = await objects.bucket(input.Bucket);
    return { output: { BucketRegion: bucket.region, BucketArn: `arn:aws:s3:::${bucket.name}` } };
  },
});
