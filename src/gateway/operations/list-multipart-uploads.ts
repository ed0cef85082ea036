// ListMultipartUploads: open uploads of a bucket by key, then by time.
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { caps } from '../../base/caps.ts';
import { s3Error } from '../errors.ts';
import { delimiterOf, encoderFor, pageLimit, prefixElements } from '../listing.ts';
import { operation } from '../operation.ts';
import { onBucket } from '../targets.ts';
import { vacuousPayer } from '../unbuilt-members.ts';
import { ownerElement } from '../who.ts';

export default operation({
  command: ListMultipartUploadsCommand,
  actions: onBucket('s3:ListBucketMultipartUploads'),
  accepts: vacuousPayer,
  errors: ['NoSuchBucket', 'InvalidArgument'],
  async handle(input, { objects, users }) {
    const encode = encoderFor(input.EncodingType);
    const limit = pageLimit(input.MaxUploads, 'max-uploads', caps.listKeysMax);
    const prefix = input.Prefix ?? '';
    const delimiter = delimiterOf(input.Delimiter);
    if (input.KeyMarker && input.UploadIdMarker && !/^[0-9a-f]{32}$/.test(input.UploadIdMarker)) {
      throw s3Error('InvalidArgument', {
        message: 'Invalid uploadId marker',
        extra: { ArgumentName: 'upload-id-marker', ArgumentValue: input.UploadIdMarker },
      });
    }
    const bucket = await objects.bucket(input.Bucket);
    const page = await objects.listUploads(bucket, {
      prefix,
      delimiter,
      after: input.KeyMarker || undefined,
      // Without a key the marker names nothing: AWS ignores it.
      afterUploadId: input.KeyMarker ? input.UploadIdMarker || undefined : undefined,
      limit,
    });
    return {
      output: {
        Bucket: bucket.name,
        KeyMarker: encode(input.KeyMarker ?? ''),
        UploadIdMarker: input.UploadIdMarker ?? '',
        NextKeyMarker: page.truncated ? encode(page.next ?? '') : '',
        NextUploadIdMarker: page.truncated ? (page.nextUploadId ?? '') : '',
        Prefix: encode(prefix),
        Delimiter: delimiter === undefined ? undefined : encode(delimiter),
        MaxUploads: limit,
        IsTruncated: page.truncated,
        EncodingType: input.EncodingType,
        Uploads: page.entries.map((upload) => ({
          Key: encode(upload.key),
          UploadId: upload.id,
          Initiator: ownerElement(upload.initiator, users),
          Owner: ownerElement(upload.owner, users),
          StorageClass: 'STANDARD' as const,
          Initiated: new Date(upload.initiatedMs),
          ChecksumAlgorithm: upload.checksumAlgorithm,
          ChecksumType: upload.checksumType,
        })),
        CommonPrefixes: prefixElements(page.commonPrefixes, encode),
      },
    };
  },
});
