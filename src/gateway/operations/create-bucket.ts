// CreateBucket: a name nobody has, in the region of this gateway.
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { isFault } from '../../base/fault.ts';
import type { Acl } from '../../model/acl.ts';
import { newBucketAcl } from '../acl.ts';
import { isValidBucketName } from '../address.ts';
import { s3Error } from '../errors.ts';
import { type Context, operation } from '../operation.ts';
import { bucketTags } from '../tags.ts';
import { onBucket } from '../targets.ts';

export default operation({
  command: CreateBucketCommand,
  actions: onBucket('s3:CreateBucket'),
  accepts: { ObjectLockEnabledForBucket: ['false'], ObjectOwnership: ['ObjectWriter'], BucketNamespace: ['global'] },
  errors: [
    'InvalidBucketName',
    'BucketAlreadyExists',
    'BucketAlreadyOwnedByYou',
    'InvalidLocationConstraint',
    'IllegalLocationConstraintException',
    'InvalidTag',
    'InvalidArgument',
    'InvalidRequest',
    'MalformedXML',
    'NotImplemented',
  ],
  async handle(input, context) {
    if (!isValidBucketName(input.Bucket)) {
      throw s3Error('InvalidBucketName', { extra: { BucketName: input.Bucket } });
    }
    const { LocationConstraint, Location, Bucket, Tags } = input.CreateBucketConfiguration ?? {};
    if (Location || Bucket) {
      throw s3Error('NotImplemented', {
        message: 'Directory buckets are not implemented',
        extra: { Header: 'Location' },
      });
    }
    checkLocation(LocationConstraint, context);
    const tags = bucketTags(Tags ?? [], context);
    const acl = newBucketAcl(input, context);
    try {
      await context.objects.createBucket({ name: input.Bucket, acl, tags, region: context.region });
    } catch (error) {
      if (!isFault(error, 'bucket-owned') || context.profile !== 'rgw') throw error;
      const existing = await context.objects.bucket(input.Bucket);
      if (!sameGrants(existing.acl, acl)) {
        throw s3Error('BucketAlreadyExists', { extra: { BucketName: input.Bucket }, cause: error });
      }
    }
    return { output: { Location: `/${input.Bucket}`, BucketArn: `arn:aws:s3:::${input.Bucket}` } };
  },
});

/** us-east-1 is the region without a name; every other region must be named, and named right. */
function checkLocation(constraint: string | undefined, { region, profile }: Context): void {
  if (constraint === region) return;
  if (constraint === undefined || constraint === '') {
    if (region === 'us-east-1' || profile === 'rgw') return;
    throw s3Error('IllegalLocationConstraintException');
  }
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(constraint) && constraint !== 'EU') {
    throw s3Error('InvalidLocationConstraint', { extra: { LocationConstraint: constraint } });
  }
  throw s3Error('IllegalLocationConstraintException', {
    message: `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  });
}

const sameGrants = (left: Acl, right: Acl): boolean => JSON.stringify(left.grants) === JSON.stringify(right.grants);
