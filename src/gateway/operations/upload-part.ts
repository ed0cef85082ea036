// UploadPart: one numbered body of an open upload.
import { UploadPartCommand } from '@aws-sdk/client-s3';
import { checksumValues } from '../checksum-fields.ts';
import { quoted } from '../object-headers.ts';
import { operation } from '../operation.ts';
import { checkPartNumber, onObject } from '../targets.ts';
import { customerKeyMembers, unbuiltChecksumMembers, vacuousPayer } from '../unbuilt-members.ts';

export default operation({
  command: UploadPartCommand,
  actions: onObject('s3:PutObject'),
  accepts: vacuousPayer,
  refused: [...customerKeyMembers, ...unbuiltChecksumMembers],
  errors: [
    'NoSuchBucket',
    'NoSuchUpload',
    'InvalidArgument',
    'InvalidRequest',
    'BadDigest',
    'InvalidDigest',
    'IncompleteBody',
    'EntityTooLarge',
    'MissingContentLength',
    'NotImplemented',
  ],
  async handle(input, { objects, signal }) {
    const partNumber = checkPartNumber(input.PartNumber);
    const bucket = await objects.bucket(input.Bucket);
    const part = await objects.writePart(bucket, input.Key, input.UploadId, partNumber, input.Body, signal);
    return { output: { ETag: quoted(part.etag), ...checksumValues(part.checksums) } };
  },
});
