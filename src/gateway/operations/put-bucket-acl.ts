// PutBucketAcl: a canned list, grants in headers, or a whole list in XML.
import { PutBucketAclCommand } from '@aws-sdk/client-s3';
import { replacedAcl } from '../acl.ts';
import { operation } from '../operation.ts';
import { onBucket } from '../targets.ts';

export default operation({
  command: PutBucketAclCommand,
  actions: onBucket('s3:PutBucketAcl'),
  malformed: 'MalformedACLError',
  errors: [
    'NoSuchBucket',
    'MalformedACLError',
    'InvalidArgument',
    'InvalidRequest',
    'MissingSecurityHeader',
    'UnresolvableGrantByEmailAddress',
  ],
  async handle(input, context) {
    const { objects } = context;
    const { acl: old } = await objects.bucket(input.Bucket);
    const made = replacedAcl(input, context, { owner: old.owner, bucketOwner: old.owner });
    await objects.updateBucket(input.Bucket, (bucket) => ({ ...bucket, acl: made }));
    return { output: {} };
  },
});
