// ListParts: what an open upload has so far.
import { ListPartsCommand } from '@aws-sdk/client-s3';
import { caps } from '../../base/caps.ts';
import { checksumValues } from '../checksum-fields.ts';
import { pageLimit, partMarker } from '../listing.ts';
import { quoted } from '../object-headers.ts';
import { operation } from '../operation.ts';
import { onObject } from '../targets.ts';
import { customerKeyMembers, vacuousPayer } from '../unbuilt-members.ts';
import { ownerElement } from '../who.ts';

export default operation({
  command: ListPartsCommand,
  actions: onObject('s3:ListMultipartUploadParts'),
  accepts: vacuousPayer,
  refused: customerKeyMembers,
  errors: ['NoSuchBucket', 'NoSuchUpload', 'InvalidArgument', 'NotImplemented'],
  async handle(input, { objects, users }) {
    const limit = pageLimit(input.MaxParts, 'max-parts', caps.listPartsMax);
    const after = partMarker(input.PartNumberMarker);
    const bucket = await objects.bucket(input.Bucket);
    const { upload, parts, truncated } = await objects.listParts(bucket, input.Key, input.UploadId, { after, limit });
    return {
      output: {
        Bucket: bucket.name,
        Key: input.Key,
        UploadId: input.UploadId,
        PartNumberMarker: String(after),
        NextPartNumberMarker: String(parts.at(-1)?.partNumber ?? after),
        MaxParts: limit,
        IsTruncated: truncated,
        Parts: parts.map((part) => ({
          PartNumber: part.partNumber,
          LastModified: new Date(part.modifiedMs),
          ETag: quoted(part.etag),
          Size: part.size,
          ...checksumValues(part.checksums),
        })),
        Initiator: ownerElement(upload.initiator, users),
        Owner: ownerElement(upload.owner, users),
        StorageClass: 'STANDARD' as const,
        ChecksumAlgorithm: upload.checksumAlgorithm,
        ChecksumType: upload.checksumType,
      },
    };
  },
});
