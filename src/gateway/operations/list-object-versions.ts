// ListObjectVersions: every version and marker, newest first within a key.
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { caps } from '../../base/caps.ts';
import { delimiterOf, encoderFor, listedObject, pageLimit, prefixElements } from '../listing.ts';
import { dateOf } from '../object-headers.ts';
import { operation } from '../operation.ts';
import { onBucket } from '../targets.ts';
import { vacuousPayer, vacuousRestoreStatus } from '../unbuilt-members.ts';
import { ownerElement } from '../who.ts';

export default operation({
  command: ListObjectVersionsCommand,
  actions: onBucket('s3:ListBucketVersions'),
  accepts: { ...vacuousPayer, ...vacuousRestoreStatus },
  errors: ['NoSuchBucket', 'InvalidArgument'],
  async handle(input, { objects, users }) {
    const encode = encoderFor(input.EncodingType);
    const limit = pageLimit(input.MaxKeys, 'max-keys', caps.listKeysMax);
    const prefix = input.Prefix ?? '';
    const delimiter = delimiterOf(input.Delimiter);
    const bucket = await objects.bucket(input.Bucket);
    const page = await objects.listVersions(bucket, {
      prefix,
      delimiter,
      after: input.KeyMarker || undefined,
      afterVersionId: input.VersionIdMarker,
      limit,
    });
    const entries = page.entries.map((entry) => ({
      kind: entry.version.kind,
      own: { VersionId: entry.version.versionId, IsLatest: entry.latest },
      entry,
    }));
    return {
      output: {
        Name: bucket.name,
        Prefix: encode(prefix),
        KeyMarker: encode(input.KeyMarker ?? ''),
        VersionIdMarker: input.VersionIdMarker ?? '',
        NextKeyMarker: page.truncated ? encode(page.next ?? '') : undefined,
        NextVersionIdMarker: page.truncated ? page.nextVersionId : undefined,
        Delimiter: delimiter === undefined ? undefined : encode(delimiter),
        MaxKeys: limit,
        IsTruncated: page.truncated,
        EncodingType: input.EncodingType,
        Versions: entries
          .filter(({ kind }) => kind === 'object')
          .map(({ entry, own }) => ({ ...listedObject(entry, encode, users), ...own })),
        DeleteMarkers: entries
          .filter(({ kind }) => kind === 'marker')
          .map(({ entry, own }) => ({
            Key: encode(entry.key),
            ...own,
            LastModified: dateOf(entry.version.modifiedSec),
            Owner: ownerElement(entry.version.acl.owner, users),
          })),
        CommonPrefixes: prefixElements(page.commonPrefixes, encode),
      },
    };
  },
});
