// CompleteMultipartUpload: the listed parts become one version.
import { CompleteMultipartUploadCommand } from '@aws-sdk/client-s3';
import { caps } from '../../base/caps.ts';
import type { CompletedPart } from '../../objects/objects.ts';
import {
  type ChecksumValues,
  checksumFields,
  checksumTypeName,
  namedChecksum,
  namedChecksums,
} from '../checksum-fields.ts';
import { writeConditions } from '../conditions-input.ts';
import { checksumValue, isChecksumValue } from '../declared-digests.ts';
import { s3Error } from '../errors.ts';
import { quoted } from '../object-headers.ts';
import { type Context, operation } from '../operation.ts';
import { checkPartNumber, onObject } from '../targets.ts';
import { customerKeyMembers, unbuiltChecksumMembers, vacuousPayer } from '../unbuilt-members.ts';

export default operation({
  command: CompleteMultipartUploadCommand,
  actions: onObject('s3:PutObject'),
  accepts: vacuousPayer,
  refused: [...customerKeyMembers, ...unbuiltChecksumMembers],
  xmlBytesMax: caps.xmlCompleteBytesMax,
  errors: [
    'NoSuchBucket',
    'NoSuchKey',
    'NoSuchUpload',
    'MalformedXML',
    'InvalidPart',
    'InvalidPartOrder',
    'EntityTooSmall',
    'PreconditionFailed',
    'BadDigest',
    'InvalidArgument',
    'InvalidRequest',
    'NotImplemented',
  ],
  async handle(input, context) {
    const { objects } = context;
    const parts = listedParts(input.MultipartUpload?.Parts ?? [], context);
    if (parts.length === 0 || parts.length > caps.partNumberMax) throw s3Error('MalformedXML');
    const bucket = await objects.bucket(input.Bucket);
    const { version, versionId } = await objects.completeUpload(bucket, input.Key, {
      uploadId: input.UploadId,
      parts,
      conditions: writeConditions(input, context),
      objectSize: input.MpuObjectSize,
      checksum: wholeChecksum(input, context),
      checksumType: checksumTypeName(input.ChecksumType),
    });
    return {
      output: {
        Location: locationOf(context.request, bucket.name, input.Key),
        Bucket: bucket.name,
        Key: input.Key,
        ETag: quoted(version.etag),
        VersionId: versionId,
        ...checksumFields(version.checksums),
      },
    };
  },
});

type ListedPart = { PartNumber?: number; ETag?: string } & ChecksumValues;

/** Of a number that is listed twice, Ceph takes the later entry; S3 calls it a broken order. */
function listedParts(listed: readonly ListedPart[], { profile }: Context): CompletedPart[] {
  const parts = listed.map(completedPart);
  if (profile === 'aws') return parts;
  return parts.filter(({ partNumber }, at) => parts[at + 1]?.partNumber !== partNumber);
}

function completedPart(part: ListedPart): CompletedPart {
  if (part.PartNumber === undefined || part.ETag === undefined) throw s3Error('MalformedXML');
  return {
    partNumber: checkPartNumber(part.PartNumber),
    etag: part.ETag.replace(/^"|"$/g, ''),
    checksums: partChecksums(part),
  };
}

function partChecksums(part: ListedPart): CompletedPart['checksums'] {
  const checksums = namedChecksums(part);
  if (checksums.length > 1 || !checksums.every(({ algorithm, value }) => isChecksumValue(value, algorithm))) {
    throw s3Error('InvalidArgument', { message: 'Invalid Base64 or multiple checksums present in request' });
  }
  return checksums;
}

/** A composite one may carry the number of its parts. */
function wholeChecksum(input: ChecksumValues, { profile }: Context): ReturnType<typeof namedChecksum> {
  const named = namedChecksum(input);
  if (named) {
    const header = `x-amz-checksum-${named.algorithm.toLowerCase()}`;
    checksumValue(named.value.replace(/-\d+$/, ''), named.algorithm, header, profile);
  }
  return named;
}

const locationOf = ({ scheme, host, virtualHost }: Context['request'], bucket: string, key: string): string => {
  const path = key.split('/').map(encodeURIComponent).join('/');
  return virtualHost ? `${scheme}://${host}/${path}` : `${scheme}://${host}/${bucket}/${path}`;
};
