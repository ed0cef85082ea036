// GetObjectAttributes: chosen facts about a version, its parts in pages.
import { GetObjectAttributesCommand } from '@aws-sdk/client-s3';
import { caps } from '../../base/caps.ts';
import type { Version } from '../../model/object.ts';
import { checksumFields, checksumValues } from '../checksum-fields.ts';
import { s3Error } from '../errors.ts';
import { pageLimit, partMarker } from '../listing.ts';
import { dateOf, shownVersionId } from '../object-headers.ts';
import { type Context, operation } from '../operation.ts';
import { onObject, versionIdOf } from '../targets.ts';
import { customerKeyMembers, vacuousPayer } from '../unbuilt-members.ts';

const known: readonly string[] = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];

export default operation({
  command: GetObjectAttributesCommand,
  actions: onObject('s3:GetObjectAttributes', 's3:GetObjectVersionAttributes'),
  accepts: vacuousPayer,
  refused: customerKeyMembers,
  errors: [
    'NoSuchBucket',
    'NoSuchKey',
    'NoSuchVersion',
    'MethodNotAllowed',
    'InvalidArgument',
    'InvalidRequest',
    'NotImplemented',
  ],
  async handle(input, context) {
    const { objects } = context;
    const asked = new Set<string>(input.ObjectAttributes);
    if (asked.size === 0) {
      throw s3Error('InvalidRequest', {
        message:
          'The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty',
      });
    }
    for (const name of asked) {
      if (known.includes(name)) continue;
      throw s3Error('InvalidArgument', {
        message: 'Invalid attribute name specified.',
        extra: { ArgumentName: 'x-amz-object-attributes', ArgumentValue: name },
      });
    }
    const page = {
      limit: pageLimit(input.MaxParts, 'x-amz-max-parts', caps.listPartsMax),
      after: partMarker(input.PartNumberMarker),
    };
    const bucket = await objects.bucket(input.Bucket);
    const { version } = await objects.find(bucket, input.Key, { versionId: versionIdOf(input) });
    const checksum = checksumFields(version.checksums);
    return {
      output: {
        LastModified: dateOf(version.modifiedSec),
        VersionId: shownVersionId(version, bucket),
        ETag: asked.has('ETag') ? version.etag : undefined,
        Checksum: asked.has('Checksum') && version.checksums.length > 0 ? checksum : undefined,
        ObjectParts:
          asked.has('ObjectParts') && version.partCount !== undefined
            ? await partsOf(version, page, context)
            : undefined,
        StorageClass: asked.has('StorageClass') ? ('STANDARD' as const) : undefined,
        ObjectSize: asked.has('ObjectSize') ? version.size : undefined,
      },
    };
  },
});

async function partsOf(version: Version, { limit, after }: { limit: number; after: number }, { objects }: Context) {
  const { parts, truncated } =
    limit === 0 ? { parts: [], truncated: false } : await objects.parts(version, { after, limit });
  return {
    TotalPartsCount: version.partCount,
    PartNumberMarker: String(after),
    NextPartNumberMarker: String(parts.at(-1)?.partNumber ?? after),
    MaxParts: limit,
    IsTruncated: truncated,
    Parts: parts.map((part) => ({
      PartNumber: part.partNumber,
      Size: part.size,
      ...checksumValues(part.checksums),
    })),
  };
}
