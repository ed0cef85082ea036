// GetObjectAcl: owner and grants of one version.
import { GetObjectAclCommand } from '@aws-sdk/client-s3';
import { aclOutput } from '../acl.ts';
import { operation } from '../operation.ts';
import { onObject, versionIdOf } from '../targets.ts';
import { vacuousPayer } from '../unbuilt-members.ts';

export default operation({
  command: GetObjectAclCommand,
  actions: onObject('s3:GetObjectAcl', 's3:GetObjectVersionAcl'),
  accepts: vacuousPayer,
  errors: ['NoSuchBucket', 'NoSuchKey', 'NoSuchVersion', 'MethodNotAllowed'],
  async handle(input, { objects, users }) {
    const bucket = await objects.bucket(input.Bucket);
    const { version } = await objects.find(bucket, input.Key, { versionId: versionIdOf(input) });
    return { output: aclOutput(version.acl, users) };
  },
});
