// AbortMultipartUpload: the parts go, the key stays as it is.
import { AbortMultipartUploadCommand } from '@aws-sdk/client-s3';
import { operation } from '../operation.ts';
import { onObject } from '../targets.ts';
import { vacuousPayer } from '../unbuilt-members.ts';

export default operation({
  command: AbortMultipartUploadCommand,
  actions: onObject('s3:AbortMultipartUpload'),
  accepts: vacuousPayer,
  errors: ['NoSuchBucket', 'NoSuchUpload', 'PreconditionFailed'],
  async handle(input, { objects }) {
    const bucket = await objects.bucket(input.Bucket);
    const initiated = input.IfMatchInitiatedTime;
    await objects.abortUpload(bucket, input.Key, input.UploadId, {
      ifInitiatedSec: initiated && Math.floor(initiated.getTime() / 1000),
    });
    return { output: {} };
  },
});
