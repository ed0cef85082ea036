// UploadPartCopy: a part made of bytes that are here already.
import { UploadPartCopyCommand } from '@aws-sdk/client-s3';
import { checksumValues } from '../checksum-fields.ts';
import { sourceConditions } from '../conditions-input.ts';
import { copySourceAction, copySourceOf } from '../copy-source.ts';
import { quoted } from '../object-headers.ts';
import { operation } from '../operation.ts';
import { checkPartNumber } from '../targets.ts';
import { customerKeyMembers, sourceCustomerKeyMembers, vacuousPayer } from '../unbuilt-members.ts';

export default operation({
  command: UploadPartCopyCommand,
  actions: (input) => [
    copySourceAction(input.CopySource),
    { action: 's3:PutObject', bucket: input.Bucket, key: input.Key },
  ],
  accepts: vacuousPayer,
  refused: [...customerKeyMembers, ...sourceCustomerKeyMembers],
  errors: [
    'NoSuchBucket',
    'NoSuchKey',
    'NoSuchVersion',
    'NoSuchUpload',
    'PreconditionFailed',
    'InvalidArgument',
    'NotImplemented',
  ],
  async handle(input, { objects, signal }) {
    const partNumber = checkPartNumber(input.PartNumber);
    const bucket = await objects.bucket(input.Bucket);
    const { part, sourceVersionId } = await objects.copyPart(
      {
        source: await copySourceOf(input.CopySource, objects),
        sourceConditions: sourceConditions(input),
        rangeText: input.CopySourceRange,
        target: { bucket, key: input.Key, uploadId: input.UploadId, partNumber },
      },
      signal,
    );
    return {
      output: {
        CopySourceVersionId: sourceVersionId,
        CopyPartResult: {
          ETag: quoted(part.etag),
          LastModified: new Date(part.modifiedMs),
          ...checksumValues(part.checksums),
        },
      },
    };
  },
});
