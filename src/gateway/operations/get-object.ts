// GetObject: bytes of one version, whole, a range, or one part.
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { readConditions } from '../conditions-input.ts';
import { checkOverrides, foundReply } from '../object-headers.ts';
import { operation } from '../operation.ts';
import { onObject, selectionOf, versionIdOf } from '../targets.ts';
import { customerKeyMembers, vacuousPayer } from '../unbuilt-members.ts';

export default operation({
  command: GetObjectCommand,
  actions: onObject('s3:GetObject', 's3:GetObjectVersion'),
  accepts: { ...vacuousPayer, ChecksumMode: ['ENABLED'] },
  refused: customerKeyMembers,
  errors: [
    'NoSuchBucket',
    'NoSuchKey',
    'NoSuchVersion',
    'MethodNotAllowed',
    'PreconditionFailed',
    'NotModified',
    'InvalidRange',
    'InvalidPartNumber',
    'InvalidArgument',
    'InvalidRequest',
    'NotImplemented',
  ],
  async handle(input, { objects, request, signal }) {
    checkOverrides(input, request);
    const bucket = await objects.bucket(input.Bucket);
    const found = await objects.read(
      bucket,
      input.Key,
      {
        versionId: versionIdOf(input),
        conditions: readConditions(input),
        select: { ...selectionOf(input), ifRange: request.headers['if-range'] },
      },
      signal,
    );
    const reply = foundReply(found, bucket, input, request);
    return { ...reply, output: { ...reply.output, Body: found.body } };
  },
});
