// GetObjectTagging: the tags of one version, an empty set if it has none.
import { GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { shownVersionId } from '../object-headers.ts';
import { operation } from '../operation.ts';
import { tagSet } from '../tags.ts';
import { onObject, versionIdOf } from '../targets.ts';
import { vacuousPayer } from '../unbuilt-members.ts';

export default operation({
  command: GetObjectTaggingCommand,
  actions: onObject('s3:GetObjectTagging', 's3:GetObjectVersionTagging'),
  accepts: vacuousPayer,
  errors: ['NoSuchBucket', 'NoSuchKey', 'NoSuchVersion', 'MethodNotAllowed'],
  async handle(input, { objects }) {
    const bucket = await objects.bucket(input.Bucket);
    const { version } = await objects.find(bucket, input.Key, { versionId: versionIdOf(input) });
    return { output: { TagSet: tagSet(version.tags), VersionId: shownVersionId(version, bucket) } };
  },
});
