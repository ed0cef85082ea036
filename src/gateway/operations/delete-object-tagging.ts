// DeleteObjectTagging: one version loses all its tags.
import { DeleteObjectTaggingCommand } from '@aws-sdk/client-s3';
import { shownVersionId } from '../object-headers.ts';
import { operation } from '../operation.ts';
import { onObject, versionIdOf } from '../targets.ts';

export default operation({
  command: DeleteObjectTaggingCommand,
  actions: onObject('s3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging'),
  errors: ['NoSuchBucket', 'NoSuchKey', 'NoSuchVersion', 'MethodNotAllowed'],
  async handle(input, { objects }) {
    const bucket = await objects.bucket(input.Bucket);
    const version = await objects.updateVersion(bucket, input.Key, versionIdOf(input), ({ acl }) => ({
      acl,
      tags: [],
    }));
    return { output: { VersionId: shownVersionId(version, bucket) } };
  },
});
