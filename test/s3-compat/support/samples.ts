// The least request of every operation that addresses something of user main's: one table for the cases that hold for all operations.
import * as sdk from '@aws-sdk/client-s3';

export interface Fixture {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
}

// biome-ignore lint/suspicious/noExplicitAny: commands differ only in their input type
type Command = new (input: any) => object;

const tags = { TagSet: [{ Key: 'k', Value: 'v' }] };

const samples: Readonly<Record<string, (fixture: Fixture) => object>> = {
  AbortMultipartUpload: ({ uploadId }) => ({ UploadId: uploadId }),
  CompleteMultipartUpload: ({ uploadId }) => ({
    UploadId: uploadId,
    MultipartUpload: { Parts: [{ PartNumber: 1, ETag: '"00000000000000000000000000000000"' }] },
  }),
  CopyObject: ({ bucket, key }) => ({ CopySource: `${bucket}/${key}`, Key: `${key}-copy` }),
  CreateMultipartUpload: () => ({}),
  DeleteBucket: () => ({}),
  DeleteBucketTagging: () => ({}),
  DeleteObject: () => ({}),
  DeleteObjects: ({ key }) => ({ Delete: { Objects: [{ Key: key }] } }),
  DeleteObjectTagging: () => ({}),
  GetBucketAcl: () => ({}),
  GetBucketLocation: () => ({}),
  GetBucketTagging: () => ({}),
  GetBucketVersioning: () => ({}),
  GetObject: () => ({}),
  GetObjectAcl: () => ({}),
  GetObjectAttributes: () => ({ ObjectAttributes: ['ETag'] }),
  GetObjectTagging: () => ({}),
  HeadBucket: () => ({}),
  HeadObject: () => ({}),
  ListMultipartUploads: () => ({}),
  ListObjects: () => ({}),
  ListObjectsV2: () => ({}),
  ListObjectVersions: () => ({}),
  ListParts: ({ uploadId }) => ({ UploadId: uploadId }),
  PutBucketAcl: () => ({ ACL: 'public-read' }),
  PutBucketTagging: () => ({ Tagging: tags }),
  PutBucketVersioning: () => ({ VersioningConfiguration: { Status: 'Enabled' } }),
  PutObject: () => ({ Body: 'mine now' }),
  PutObjectAcl: () => ({ ACL: 'public-read' }),
  PutObjectTagging: () => ({ Tagging: tags }),
  UploadPart: ({ uploadId }) => ({ UploadId: uploadId, PartNumber: 1, Body: 'part' }),
  UploadPartCopy: ({ uploadId, bucket, key }) => ({
    UploadId: uploadId,
    PartNumber: 1,
    CopySource: `${bucket}/${key}`,
  }),
};

/** Operations on somebody's bucket or object. */
export const sampleNames = Object.keys(samples);

export function sampleCommand(name: string, fixture: Fixture, more: object = {}): object {
  const make = samples[name];
  if (!make) throw new Error(`there is no sample of ${name}: add one`);
  const Made = (sdk as unknown as Record<string, Command>)[`${name}Command`]!;
  return new Made({ Bucket: fixture.bucket, Key: fixture.key, ...make(fixture), ...more });
}
