// CreateMultipartUpload: everything about the object but its bytes.
import { CreateMultipartUploadCommand } from '@aws-sdk/client-s3';
import { newObjectAcl } from '../acl.ts';
import { uploadChecksum } from '../checksum-fields.ts';
import { attributesOf } from '../object-headers.ts';
import { operation } from '../operation.ts';
import { headerTags } from '../tags.ts';
import { onObject } from '../targets.ts';
import { encryptionMembers, lockMembers, onlyStandard, vacuousPayer } from '../unbuilt-members.ts';
import { callerId } from '../who.ts';

export default operation({
  command: CreateMultipartUploadCommand,
  actions: onObject('s3:PutObject'),
  accepts: { ...onlyStandard, ...vacuousPayer },
  refused: [...encryptionMembers, ...lockMembers],
  errors: [
    'NoSuchBucket',
    'MetadataTooLarge',
    'InvalidArgument',
    'InvalidRedirectLocation',
    'InvalidRequest',
    'InvalidTag',
    'NotImplemented',
  ],
  async handle(input, context) {
    const { objects, identity, request } = context;
    const checksum = uploadChecksum(input);
    const bucket = await objects.bucket(input.Bucket);
    const upload = await objects.createUpload(bucket, input.Key, {
      attributes: attributesOf(input, request),
      tags: headerTags(input.Tagging, context),
      acl: newObjectAcl(input, context, bucket),
      initiator: callerId(identity),
      ...checksum,
    });
    return {
      output: {
        Bucket: bucket.name,
        Key: input.Key,
        UploadId: upload.id,
        ChecksumAlgorithm: checksum.checksumAlgorithm,
        ChecksumType: checksum.checksumType,
      },
    };
  },
});
