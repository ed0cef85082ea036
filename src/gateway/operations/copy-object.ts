// CopyObject: another key of the same bytes. Blocks are shared, nothing travels.
import { CopyObjectCommand } from '@aws-sdk/client-s3';
import { newObjectAcl } from '../acl.ts';
import { checksumFields, checksumName } from '../checksum-fields.ts';
import { sourceConditions, writeConditions } from '../conditions-input.ts';
import { copySourceAction, copySourceOf } from '../copy-source.ts';
import { s3Error } from '../errors.ts';
import { attributesOf, dateOf, quoted } from '../object-headers.ts';
import { operation } from '../operation.ts';
import { headerTags } from '../tags.ts';
import {
  encryptionMembers,
  lockMembers,
  onlyStandard,
  sourceCustomerKeyMembers,
  vacuousPayer,
} from '../unbuilt-members.ts';

export default operation({
  command: CopyObjectCommand,
  actions: (input) => [
    copySourceAction(input.CopySource),
    { action: 's3:PutObject', bucket: input.Bucket, key: input.Key },
  ],
  accepts: { ...onlyStandard, ...vacuousPayer },
  refused: [...encryptionMembers, ...sourceCustomerKeyMembers, ...lockMembers, 'AnnotationDirective'],
  errors: [
    'NoSuchBucket',
    'NoSuchKey',
    'NoSuchVersion',
    'PreconditionFailed',
    'NotImplemented',
    'MetadataTooLarge',
    'InvalidArgument',
    'InvalidRedirectLocation',
    'InvalidRequest',
    'InvalidTag',
  ],
  async handle(input, context) {
    const { objects, request, signal } = context;
    const replaceMetadata = isReplace(input.MetadataDirective, 'x-amz-metadata-directive');
    const replaceTags = isReplace(input.TaggingDirective, 'x-amz-tagging-directive');
    const attributes = attributesOf(input, request); // judged also where the source's are kept
    const bucket = await objects.bucket(input.Bucket);
    const { version, versionId, sourceVersionId } = await objects.copy(
      {
        source: await copySourceOf(input.CopySource, objects),
        sourceConditions: sourceConditions(input),
        target: { bucket, key: input.Key },
        conditions: writeConditions(input, context),
        attributes: replaceMetadata ? attributes : undefined,
        websiteRedirectLocation: attributes.websiteRedirectLocation,
        tags: replaceTags ? headerTags(input.Tagging, context) : undefined,
        acl: newObjectAcl(input, context, bucket),
        checksumAlgorithm: checksumName(input.ChecksumAlgorithm),
      },
      signal,
    );
    return {
      output: {
        CopyObjectResult: {
          ETag: quoted(version.etag),
          LastModified: dateOf(version.modifiedSec),
          ...checksumFields(version.checksums),
        },
        CopySourceVersionId: sourceVersionId,
        VersionId: versionId,
      },
    };
  },
});

function isReplace(directive: string | undefined, header: string): boolean {
  if (directive === undefined || directive === 'COPY') return false;
  if (directive === 'REPLACE') return true;
  throw s3Error('InvalidArgument', {
    message: `Unknown directive in ${header}.`,
    extra: { ArgumentName: header, ArgumentValue: directive },
  });
}
