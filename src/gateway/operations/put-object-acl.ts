// PutObjectAcl: replaces the list of one version; its LastModified stays.
import { PutObjectAclCommand } from '@aws-sdk/client-s3';
import { replacedAcl } from '../acl.ts';
import { operation } from '../operation.ts';
import { onObject, versionIdOf } from '../targets.ts';
import { vacuousPayer } from '../unbuilt-members.ts';

export default operation({
  command: PutObjectAclCommand,
  actions: onObject('s3:PutObjectAcl', 's3:PutObjectVersionAcl'),
  accepts: vacuousPayer,
  malformed: 'MalformedACLError',
  errors: [
    'NoSuchBucket',
    'NoSuchKey',
    'NoSuchVersion',
    'MethodNotAllowed',
    'MalformedACLError',
    'InvalidArgument',
    'InvalidRequest',
    'MissingSecurityHeader',
    'UnresolvableGrantByEmailAddress',
  ],
  async handle(input, context) {
    const { objects } = context;
    const bucket = await objects.bucket(input.Bucket);
    const versionId = versionIdOf(input);
    const { version } = await objects.find(bucket, input.Key, { versionId });
    const acl = replacedAcl(input, context, { owner: version.acl.owner, bucketOwner: bucket.acl.owner });
    await objects.updateVersion(bucket, input.Key, versionId ?? version.versionId, ({ tags }) => ({ tags, acl }));
    return { output: {} };
  },
});
