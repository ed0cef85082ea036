// HeadObject: what GetObject would say, without the bytes.
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { readConditions } from '../conditions-input.ts';
import { checkOverrides, foundReply } from '../object-headers.ts';
import { operation } from '../operation.ts';
import { onObject, selectionOf, versionIdOf } from '../targets.ts';
import { customerKeyMembers, vacuousPayer } from '../unbuilt-members.ts';

export default operation({
  command: HeadObjectCommand,
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
  async handle(input, { objects, request }) {
    checkOverrides(input, request);
    const bucket = await objects.bucket(input.Bucket);
    const found = await objects.find(bucket, input.Key, {
      versionId: versionIdOf(input),
      conditions: readConditions(input),
      select: { ...selectionOf(input), ifRange: request.headers['if-range'] },
    });
    return foundReply(found, bucket, input, request);
  },
});
