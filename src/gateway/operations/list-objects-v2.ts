// ListObjectsV2: pages by an opaque token.
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { caps } from '../../base/caps.ts';
import { delimiterOf, encoderFor, listedObject, pageLimit, placeOf, prefixElements, tokenAt } from '../listing.ts';
import { operation } from '../operation.ts';
import { onBucket } from '../targets.ts';
import { vacuousPayer, vacuousRestoreStatus } from '../unbuilt-members.ts';

export default operation({
  command: ListObjectsV2Command,
  actions: onBucket('s3:ListBucket'),
  accepts: { ...vacuousPayer, ...vacuousRestoreStatus },
  errors: ['NoSuchBucket', 'InvalidArgument'],
  async handle(input, { objects, users }) {
    const encode = encoderFor(input.EncodingType);
    const limit = pageLimit(input.MaxKeys, 'max-keys', caps.listKeysMax);
    const prefix = input.Prefix ?? '';
    const delimiter = delimiterOf(input.Delimiter);
    const token = input.ContinuationToken;
    const after = token ? placeOf(token) : input.StartAfter || undefined;
    const bucket = await objects.bucket(input.Bucket);
    const page = await objects.list(bucket, { prefix, delimiter, after, limit });
    return {
      output: {
        Name: bucket.name,
        Prefix: encode(prefix),
        Delimiter: delimiter === undefined ? undefined : encode(delimiter),
        MaxKeys: limit,
        KeyCount: page.entries.length + page.commonPrefixes.length,
        IsTruncated: page.truncated,
        EncodingType: input.EncodingType,
        ContinuationToken: token,
        NextContinuationToken: page.truncated ? tokenAt(page.next ?? '') : undefined,
        StartAfter: input.StartAfter === undefined ? undefined : encode(input.StartAfter),
        Contents: page.entries.map((entry) => listedObject(entry, encode, input.FetchOwner ? users : undefined)),
        CommonPrefixes: prefixElements(page.commonPrefixes, encode),
      },
    };
  },
});
