// GetBucketTagging: a bucket without tags has no tag set at all.
import { GetBucketTaggingCommand } from '@aws-sdk/client-s3';
import { s3Error } from '../errors.ts';
import { operation } from '../operation.ts';
import { tagSet } from '../tags.ts';
import { onBucket } from '../targets.ts';

export default operation({
  command: GetBucketTaggingCommand,
  actions: onBucket('s3:GetBucketTagging'),
  errors: ['NoSuchBucket', 'NoSuchTagSet'],
  async handle(input, { objects }) {
    const { name, tags } = await objects.bucket(input.Bucket);
    if (tags.length === 0) throw s3Error('NoSuchTagSet', { extra: { BucketName: name } });
    return { output: { TagSet: tagSet(tags) } };
  },
});
