// Access control lists between requests, the house and answers.
import { type Acl, privateAcl } from '../model/acl.ts';
import type { Bucket } from '../model/bucket.ts';
import type { UserDirectory } from '../model/identity.ts';
import { s3Error } from './errors.ts';
import type { Context } from './operation.ts';
import { callerId, ownerElement } from './who.ts';

interface AclHeaders {
  ACL?: string;
  GrantFullControl?: string;
  GrantRead?: string;
  GrantReadACP?: string;
  GrantWrite?: string;
  GrantWriteACP?: string;
}

export function newBucketAcl(input: AclHeaders, { identity }: Context): Acl {
  checkPrivate(input);
  return privateAcl(callerId(identity));
}

export function newObjectAcl(input: AclHeaders, { identity }: Context, _bucket: Bucket): Acl {
  checkPrivate(input);
  return privateAcl(callerId(identity));
}

export function replacedAcl(
  input: AclHeaders & { AccessControlPolicy?: unknown },
  _context: Context,
  { owner }: { owner: string; bucketOwner: string },
): Acl {
  checkPrivate(input);
  return privateAcl(owner);
}

function checkPrivate({ ACL, ...grants }: AclHeaders): void {
  if ((ACL !== undefined && ACL !== 'private') || grants.GrantFullControl !== undefined) {
    throw s3Error('NotImplemented', { extra: { Header: 'x-amz-acl' } });
  }
}

export function aclOutput(acl: Acl, users: UserDirectory) {
  return {
    Owner: ownerElement(acl.owner, users),
    Grants: acl.grants.map(({ grantee, permission }) => ({
      Grantee:
        grantee.kind === 'user'
          ? { Type: 'CanonicalUser' as const, ...ownerElement(grantee.id, users) }
          : { Type: 'Group' as const, URI: grantee.uri },
      Permission: permission,
    })),
  };
}
