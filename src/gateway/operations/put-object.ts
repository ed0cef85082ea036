// PutObject: one body becomes the newest version of a key.
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { newObjectAcl } from '../acl.ts';
import { checksumFields } from '../checksum-fields.ts';
import { writeConditions } from '../conditions-input.ts';
import { attributesOf, quoted } from '../object-headers.ts';
import { operation } from '../operation.ts';
import { headerTags } from '../tags.ts';
import { onObject } from '../targets.ts';
import {
  encryptionMembers,
  lockMembers,
  onlyStandard,
  unbuiltChecksumMembers,
  vacuousPayer,
} from '../unbuilt-members.ts';

export default operation({
  command: PutObjectCommand,
  actions: onObject('s3:PutObject'),
  accepts: { ...onlyStandard, ...vacuousPayer },
  refused: [...encryptionMembers, ...lockMembers, ...unbuiltChecksumMembers, 'WriteOffsetBytes'],
  errors: [
    'NoSuchBucket',
    'NoSuchKey',
    'PreconditionFailed',
    'NotImplemented',
    'BadDigest',
    'InvalidDigest',
    'XAmzContentSHA256Mismatch',
    'IncompleteBody',
    'EntityTooLarge',
    'MissingContentLength',
    'MetadataTooLarge',
    'KeyTooLongError',
    'InvalidArgument',
    'InvalidRedirectLocation',
    'InvalidRequest',
    'InvalidTag',
    'UnresolvableGrantByEmailAddress',
  ],
  async handle(input, context) {
    const { objects, request } = context;
    const bucket = await objects.bucket(input.Bucket);
    const { version, versionId } = await objects.write(
      bucket,
      input.Key,
      input.Body,
      {
        attributes: attributesOf(input, request),
        tags: headerTags(input.Tagging, context),
        acl: newObjectAcl(input, context, bucket),
        conditions: writeConditions(input, context),
      },
      context,
    );
    return { output: { ETag: quoted(version.etag), VersionId: versionId, ...checksumFields(version.checksums) } };
  },
});
