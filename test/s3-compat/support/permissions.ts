// Who may do what, once: the permission that each operation needs and where it must stand. Written from AWS's documentation of ACLs and
// not from our own table.
export const grantable = ['READ', 'WRITE', 'READ_ACP', 'WRITE_ACP', 'FULL_CONTROL'] as const;
export type Grantable = (typeof grantable)[number];
type Place = 'bucket' | 'object';

export interface Need {
  readonly on: Place;
  readonly permission: Grantable;
}

const bucket = (permission: Grantable): Need => ({ on: 'bucket', permission });
const object = (permission: Grantable): Need => ({ on: 'object', permission });

/** `owner`: no grant gives it. `anyone signed in`: nobody owns it. */
export const needs: Readonly<Record<string, readonly Need[] | 'owner' | 'anyone signed in'>> = {
  AbortMultipartUpload: [bucket('WRITE')],
  CompleteMultipartUpload: [bucket('WRITE')],
  CopyObject: [object('READ'), bucket('WRITE')],
  CreateBucket: 'anyone signed in',
  CreateMultipartUpload: [bucket('WRITE')],
  DeleteBucket: 'owner',
  DeleteBucketTagging: 'owner',
  DeleteObject: [bucket('WRITE')],
  DeleteObjects: [bucket('WRITE')],
  DeleteObjectTagging: 'owner',
  GetBucketAcl: [bucket('READ_ACP')],
  GetBucketLocation: 'owner',
  GetBucketTagging: 'owner',
  GetBucketVersioning: 'owner',
  GetObject: [object('READ')],
  GetObjectAcl: [object('READ_ACP')],
  GetObjectAttributes: [object('READ')],
  GetObjectTagging: 'owner',
  HeadBucket: [bucket('READ')],
  HeadObject: [object('READ')],
  ListBuckets: 'anyone signed in',
  ListMultipartUploads: [bucket('READ')],
  ListObjects: [bucket('READ')],
  ListObjectsV2: [bucket('READ')],
  ListObjectVersions: [bucket('READ')],
  ListParts: [bucket('WRITE')],
  PutBucketAcl: [bucket('WRITE_ACP')],
  PutBucketTagging: 'owner',
  PutBucketVersioning: 'owner',
  PutObject: [bucket('WRITE')],
  PutObjectAcl: [object('WRITE_ACP')],
  PutObjectTagging: 'owner',
  UploadPart: [bucket('WRITE')],
  UploadPartCopy: [object('READ'), bucket('WRITE')],
};

/** What was granted to somebody, and where. */
export interface Granted {
  readonly on: readonly Place[];
  readonly permission: Grantable;
}

export function mayDo(operation: string, who: 'owner' | 'user' | 'nobody', granted: Granted | undefined): boolean {
  const needed = needs[operation];
  if (needed === undefined) throw new Error(`there is no row of ${operation}: add one`);
  if (who === 'owner') return true;
  if (needed === 'anyone signed in') return who === 'user';
  if (needed === 'owner' || granted === undefined) return false;
  const gives = ({ on, permission }: Need) =>
    granted.on.includes(on) && (granted.permission === permission || granted.permission === 'FULL_CONTROL');
  return needed.every(gives);
}
