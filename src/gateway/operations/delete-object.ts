// DeleteObject: a version goes, or a marker covers the key.
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { deleteConditions } from '../conditions-input.ts';
import { operation } from '../operation.ts';
import { onObject, versionIdOf } from '../targets.ts';
import { vacuousBypass, vacuousPayer } from '../unbuilt-members.ts';
import { callerId } from '../who.ts';

export default operation({
  command: DeleteObjectCommand,
  actions: onObject('s3:DeleteObject', 's3:DeleteObjectVersion'),
  accepts: { ...vacuousPayer, ...vacuousBypass },
  refused: ['MFA'],
  errors: ['NoSuchBucket', 'PreconditionFailed', 'InvalidArgument', 'NotImplemented'],
  async handle(input, { identity, objects }) {
    const bucket = await objects.bucket(input.Bucket);
    const { versionId, deleteMarker } = await objects.remove(bucket, input.Key, {
      versionId: versionIdOf(input),
      conditions: deleteConditions(input),
      owner: callerId(identity),
    });
    return { output: { VersionId: versionId, DeleteMarker: deleteMarker || undefined } };
  },
});
