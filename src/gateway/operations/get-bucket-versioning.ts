// GetBucketVersioning: says nothing about a bucket that never had it.
import { GetBucketVersioningCommand } from '@aws-sdk/client-s3';
import { operation } from '../operation.ts';
import { onBucket } from '../targets.ts';

const statuses = { unversioned: undefined, enabled: 'Enabled', suspended: 'Suspended' } as const;

export default operation({
  command: GetBucketVersioningCommand,
  actions: onBucket('s3:GetBucketVersioning'),
  errors: ['NoSuchBucket'],
  async handle(input, { objects }) {
    const { versioning } = await objects.bucket(input.Bucket);
    return { output: { Status: statuses[versioning] } };
  },
});
