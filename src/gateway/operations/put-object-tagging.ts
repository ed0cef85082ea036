// PutObjectTagging: replaces the tags of one version; its LastModified stays.
import { PutObjectTaggingCommand } from '@aws-sdk/client-s3';
import { shownVersionId } from '../object-headers.ts';
import { operation } from '../operation.ts';
import { objectTags } from '../tags.ts';
import { onObject, versionIdOf } from '../targets.ts';
import { vacuousPayer } from '../unbuilt-members.ts';

export default operation({
  command: PutObjectTaggingCommand,
  actions: onObject('s3:PutObjectTagging', 's3:PutObjectVersionTagging'),
  accepts: vacuousPayer,
  errors: [
    'NoSuchBucket',
    'NoSuchKey',
    'NoSuchVersion',
    'MethodNotAllowed',
    'MalformedXML',
    'MissingRequestBodyError',
    'InvalidTag',
    'BadRequest',
  ],
  async handle(input, context) {
    const tags = objectTags(input.Tagging.TagSet ?? [], context);
    const bucket = await context.objects.bucket(input.Bucket);
    const version = await context.objects.updateVersion(bucket, input.Key, versionIdOf(input), ({ acl }) => ({
      acl,
      tags,
    }));
    return { output: { VersionId: shownVersionId(version, bucket) } };
  },
});
