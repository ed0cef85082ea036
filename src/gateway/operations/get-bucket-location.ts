// GetBucketLocation: AWS writes us-east-1 as an empty element; RGW names every region.
import { type BucketLocationConstraint, GetBucketLocationCommand } from '@aws-sdk/client-s3';
import { operation } from '../operation.ts';
import { onBucket } from '../targets.ts';

export default operation({
  command: GetBucketLocationCommand,
  actions: onBucket('s3:GetBucketLocation'),
  errors: ['NoSuchBucket'],
  async handle(input, { objects, profile }) {
    const { region } = await objects.bucket(input.Bucket);
    const unnamed = region === 'us-east-1' && profile === 'aws';
    return { output: { LocationConstraint: (unnamed ? '' : region) as BucketLocationConstraint } };
  },
});
