// ListObjects (version 1): marker in, marker out.
import { ListObjectsCommand } from '@aws-sdk/client-s3';
import { caps } from '../../base/caps.ts';
import { delimiterOf, encoderFor, listedObject, pageLimit, prefixElements } from '../listing.ts';
import { operation } from '../operation.ts';
import { onBucket } from '../targets.ts';
import { vacuousPayer, vacuousRestoreStatus } from '../unbuilt-members.ts';

export default operation({
  command: ListObjectsCommand,
  actions: onBucket('s3:ListBucket'),
  accepts: { ...vacuousPayer, ...vacuousRestoreStatus },
  errors: ['NoSuchBucket', 'InvalidArgument'],
  async handle(input, { objects, users, profile }) {
    const encode = encoderFor(input.EncodingType);
    const limit = pageLimit(input.MaxKeys, 'max-keys', caps.listKeysMax);
    const prefix = input.Prefix ?? '';
    const delimiter = delimiterOf(input.Delimiter);
    const bucket = await objects.bucket(input.Bucket);
    const page = await objects.list(bucket, { prefix, delimiter, after: input.Marker || undefined, limit });
    return {
      output: {
        Name: bucket.name,
        // Ceph leaves it as it is, and its suite asks for that.
        Prefix: profile === 'rgw' ? prefix : encode(prefix),
        Marker: encode(input.Marker ?? ''),
        // Only with a delimiter: without one the last key is the next marker, and AWS says no more.
        NextMarker: page.truncated && delimiter !== undefined ? encode(page.next ?? '') : undefined,
        Delimiter: delimiter === undefined ? undefined : encode(delimiter),
        MaxKeys: limit,
        IsTruncated: page.truncated,
        EncodingType: input.EncodingType,
        Contents: page.entries.map((entry) => listedObject(entry, encode, users)),
        CommonPrefixes: prefixElements(page.commonPrefixes, encode),
      },
    };
  },
});
