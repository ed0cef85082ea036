// GetBucketAcl: owner and grants, in the order they were given.
import { GetBucketAclCommand } from '@aws-sdk/client-s3';
import { aclOutput } from '../acl.ts';
import { operation } from '../operation.ts';
import { onBucket } from '../targets.ts';

export default operation({
  command: GetBucketAclCommand,
  actions: onBucket('s3:GetBucketAcl'),
  errors: ['NoSuchBucket'],
  async handle(input, { objects, users }) {
    const { acl } = await objects.bucket(input.Bucket);
    return { output: aclOutput(acl, users) };
  },
});
