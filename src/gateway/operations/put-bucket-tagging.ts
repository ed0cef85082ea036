// PutBucketTagging: replaces a bucket's tags.
import { PutBucketTaggingCommand } from '@aws-sdk/client-s3';
import { operation } from '../operation.ts';
import { bucketTags } from '../tags.ts';
import { onBucket } from '../targets.ts';

export default operation({
  command: PutBucketTaggingCommand,
  actions: onBucket('s3:PutBucketTagging'),
  errors: ['NoSuchBucket', 'MalformedXML', 'MissingRequestBodyError', 'InvalidTag', 'BadRequest'],
  async handle(input, context) {
    const tags = bucketTags(input.Tagging.TagSet ?? [], context);
    await context.objects.updateBucket(input.Bucket, (bucket) => ({ ...bucket, tags }));
    return { status: 204, output: {} };
  },
});
