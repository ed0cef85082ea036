// ListBuckets: the caller's own buckets, in pages when asked.
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { caps } from '../../base/caps.ts';
import type { Bucket } from '../../model/bucket.ts';
import { s3Error } from '../errors.ts';
import { pageLimit, placeOf, tokenAt } from '../listing.ts';
import { operation } from '../operation.ts';
import { callerId, ownerElement } from '../who.ts';

export default operation({
  command: ListBucketsCommand,
  actions: () => [{ action: 's3:ListAllMyBuckets' }],
  errors: ['InvalidArgument'],
  async handle(input, { identity, objects, users }) {
    const owner = callerId(identity);
    if ((input.MaxBuckets ?? 0) > caps.bucketsPerUserMax) {
      throw s3Error('InvalidArgument', {
        message: `Argument max-buckets must be an integer between 1 and ${caps.bucketsPerUserMax}`,
        extra: { ArgumentName: 'max-buckets', ArgumentValue: String(input.MaxBuckets) },
      });
    }
    const limit = pageLimit(input.MaxBuckets, 'max-buckets', caps.bucketsPerUserMax, 1);
    const prefix = input.Prefix ?? '';
    const here = (bucket: Bucket) => !input.BucketRegion || bucket.region === input.BucketRegion;
    // One more than asked for tells whether a token is due, also where a region filter thins the pages.
    const found: Bucket[] = [];
    let after = input.ContinuationToken ? placeOf(input.ContinuationToken) : undefined;
    for (let more = true; more && found.length <= limit; ) {
      const page = await objects.listBuckets({ owner, prefix, after, limit: limit + 1 - found.length });
      found.push(...page.entries.filter(here));
      after = page.next;
      more = page.truncated;
    }
    const shown = found.slice(0, limit);
    return {
      output: {
        Owner: ownerElement(owner, users),
        Buckets: shown.map((bucket) => ({
          Name: bucket.name,
          CreationDate: new Date(bucket.createdMs),
          BucketRegion: bucket.region,
          BucketArn: `arn:aws:s3:::${bucket.name}`,
        })),
        ContinuationToken: found.length > limit ? tokenAt(shown.at(-1)!.name) : undefined,
        Prefix: input.Prefix,
      },
    };
  },
});
