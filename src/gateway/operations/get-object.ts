// GetObject: bytes of one version, whole, a range, or one part.
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { checkOverrides, foundReply } from '../object-headers.ts';
import { operation } from '../operation.ts';
import { readAskOf } from '../read-ask.ts';
import { onObject } from '../targets.ts';
import { customerKeyMembers, vacuousPayer } from '../unbuilt-members.ts';

/** `primary`, `echo:<partition>` or `hedge`. */
const copyHeader = 'x-echogate-copy';

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
  async handle(input, context) {
    const { objects, request, granted } = context;
    checkOverrides(input, request);
    const bucket = granted.bucket ?? (await objects.bucket(input.Bucket));
    const found = await objects.read(bucket, input.Key, readAskOf(input, context), context);
    const reply = foundReply(found, bucket, input, request);
    const output = Object.assign(reply.output, { Body: found.whole ?? found.body });
    const headers = context.showsCopy && found.copy !== undefined && { [copyHeader]: found.copy };
    return { status: reply.status, output, ...(headers && { headers }) };
  },
});
