// HeadObject: what GetObject would say, without the bytes.
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { checkOverrides, foundReply } from '../object-headers.ts';
import { operation } from '../operation.ts';
import { readAskOf } from '../read-ask.ts';
import { onObject } from '../targets.ts';
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
  async handle(input, context) {
    const { objects, request, granted } = context;
    checkOverrides(input, request);
    const bucket = granted.bucket ?? (await objects.bucket(input.Bucket));
    const found = await objects.find(bucket, input.Key, readAskOf(input, context));
    return foundReply(found, bucket, input, request);
  },
});
