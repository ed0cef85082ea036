// Access control lists out of requests: canned names, x-amz-grant-* headers or an AccessControlPolicy document; and back into answers.
import { caps } from '../base/caps.ts';
import {
  type Acl,
  cannedAcl,
  cannedAcls,
  execReaderId,
  type Grant,
  type Grantee,
  groups,
  type Permission,
} from '../model/acl.ts';
import type { Bucket } from '../model/bucket.ts';
import type { Identity, UserDirectory } from '../model/identity.ts';
import { type S3Error, s3Error } from './errors.ts';
import { callerId, ownerElement } from './who.ts';

/** The members that CreateBucket, PutObject, CopyObject, CreateMultipartUpload and the Put…Acl operations share. */
export interface AclHeaders {
  readonly ACL?: string | undefined;
  readonly GrantRead?: string | undefined;
  readonly GrantWrite?: string | undefined;
  readonly GrantReadACP?: string | undefined;
  readonly GrantWriteACP?: string | undefined;
  readonly GrantFullControl?: string | undefined;
}

/** A policy document as the protocol binds it. */
export interface AclDocument {
  readonly Owner?: { readonly ID?: string | undefined } | undefined;
  readonly Grants?:
    | readonly {
        readonly Permission?: string | undefined;
        readonly Grantee?:
          | {
              readonly Type?: string | undefined;
              readonly ID?: string | undefined;
              readonly EmailAddress?: string | undefined;
              readonly URI?: string | undefined;
            }
          | undefined;
      }[]
    | undefined;
}

interface Asking {
  readonly identity: Identity;
  readonly users: UserDirectory;
}

/** The ACL of a bucket that is being created. */
export const newBucketAcl = (input: AclHeaders, { identity, users }: Asking): Acl => {
  const owner = callerId(identity);
  return fromHeaders(input, { owner, users }, 'bucket') ?? cannedAcl('private', owner);
};

/** The ACL of an object that is being written: the writer owns it. */
export const newObjectAcl = (input: AclHeaders, { identity, users }: Asking, bucket: Pick<Bucket, 'acl'>): Acl => {
  const owner = callerId(identity);
  const bucketOwner = bucket.acl.owner;
  return fromHeaders(input, { owner, bucketOwner, users }, 'object') ?? cannedAcl('private', owner);
};

/** What PutBucketAcl and PutObjectAcl (whose input has a Key) put in the place of the list of `owner`, who stays. */
export function replacedAcl(
  input: AclHeaders & { readonly Key?: string | undefined; readonly AccessControlPolicy?: AclDocument | undefined },
  { users }: Pick<Asking, 'users'>,
  { owner, bucketOwner }: { readonly owner: string; readonly bucketOwner: string },
): Acl {
  const whose = { owner, bucketOwner, users };
  const asked = fromHeaders(input, whose, input.Key === undefined ? 'bucket' : 'object');
  const document = input.AccessControlPolicy;
  if (asked && document) throw s3Error('UnexpectedContent');
  if (asked) return asked;
  if (!document) {
    throw s3Error('MissingSecurityHeader', {
      message: 'Your request was missing a required header',
      extra: { HeaderName: 'x-amz-acl' },
    });
  }
  return fromDocument(document, whose);
}

interface Whose {
  readonly owner: string;
  readonly bucketOwner?: string;
  readonly users: UserDirectory;
}

// In the order in which the grants are stored.
const grantMembers = [
  ['GrantRead', 'READ', 'x-amz-grant-read'],
  ['GrantWrite', 'WRITE', 'x-amz-grant-write'],
  ['GrantReadACP', 'READ_ACP', 'x-amz-grant-read-acp'],
  ['GrantWriteACP', 'WRITE_ACP', 'x-amz-grant-write-acp'],
  ['GrantFullControl', 'FULL_CONTROL', 'x-amz-grant-full-control'],
] as const;

/** undefined: the headers say nothing. */
function fromHeaders(input: AclHeaders, whose: Whose, target: 'bucket' | 'object'): Acl | undefined {
  const grants = grantMembers.flatMap(([member, permission, header]) =>
    input[member] === undefined ? [] : grantsOf(input[member], permission, header, whose),
  );
  const given = grantMembers.some(([member]) => input[member] !== undefined);
  if (input.ACL === undefined) return given ? { owner: whose.owner, grants: bounded(grants) } : undefined;
  if (given) {
    throw s3Error('InvalidRequest', { message: 'Specifying both Canned ACLs and Header Grants is not allowed' });
  }
  const canned = cannedAcls.find((name) => name === input.ACL);
  if (!canned || (canned === 'log-delivery-write' && target === 'object')) {
    throw badArgument('', 'x-amz-acl', input.ACL);
  }
  // A bucket has no other owner above it.
  return cannedAcl(canned, whose.owner, target === 'bucket' ? whose.owner : whose.bucketOwner);
}

/** `id="…", emailAddress="…", uri="…"`, quotes optional. */
function grantsOf(text: string, permission: Permission, header: string, whose: Whose): Grant[] {
  return text.split(',').map((part) => {
    const [, kind = '', quoted, bare = ''] =
      /^\s*(id|emailAddress|uri)\s*=\s*(?:"([^"]*)"|([^"\s]*))\s*$/i.exec(part) ?? [];
    const value = quoted ?? bare;
    switch (kind.toLowerCase()) {
      case 'id':
        return { grantee: userGrantee(value, whose), permission };
      case 'uri':
        return { grantee: groupGrantee(value), permission };
      case 'emailaddress':
        return { grantee: emailGrantee(value, whose), permission };
      default:
        throw badArgument('Argument format not recognized', header, text);
    }
  });
}

const permissions: readonly string[] = [
  'FULL_CONTROL',
  'READ',
  'WRITE',
  'READ_ACP',
  'WRITE_ACP',
] satisfies Permission[];

function fromDocument({ Owner, Grants }: AclDocument, whose: Whose): Acl {
  // An empty list is one; a missing list is a mistake that must not take every grant away.
  if (!Owner?.ID || !Grants) throw s3Error('MalformedACLError');
  // An owner is not changed by a list.
  if (Owner.ID !== whose.owner) throw s3Error('AccessDenied');
  const grants = Grants.map(({ Grantee: grantee, Permission: permission }): Grant => {
    if (!grantee || !permission || !permissions.includes(permission)) throw s3Error('MalformedACLError');
    return { grantee: documentGrantee(grantee, whose), permission: permission as Permission };
  });
  return { owner: whose.owner, grants: bounded(grants) };
}

function documentGrantee(
  {
    Type,
    ID,
    EmailAddress,
    URI,
  }: {
    Type?: string | undefined;
    ID?: string | undefined;
    EmailAddress?: string | undefined;
    URI?: string | undefined;
  },
  whose: Whose,
): Grantee {
  if (Type === 'CanonicalUser' && ID !== undefined) return userGrantee(ID, whose);
  if (Type === 'Group' && URI !== undefined) return groupGrantee(URI);
  if (Type === 'AmazonCustomerByEmail' && EmailAddress !== undefined) return emailGrantee(EmailAddress, whose);
  throw s3Error('MalformedACLError');
}

/** Owners stay grantable when their user has left the configuration. */
function userGrantee(id: string, { users, owner, bucketOwner }: Whose): Grantee {
  const known = id === owner || id === bucketOwner || id === execReaderId || users.byCanonicalId(id) !== undefined;
  if (!known) throw badArgument('Invalid id', 'CanonicalUser/ID', id);
  return { kind: 'user', id };
}

function groupGrantee(uri: string): Grantee {
  if (!Object.values<string>(groups).includes(uri)) throw badArgument('Invalid group uri', 'Group/URI', uri);
  return { kind: 'group', uri };
}

function emailGrantee(email: string, { users }: Whose): Grantee {
  const user = users.byEmail(email);
  if (!user) throw s3Error('UnresolvableGrantByEmailAddress');
  return { kind: 'user', id: user.canonicalId };
}

function bounded(grants: Grant[]): Grant[] {
  if (grants.length > caps.aclGrantsMax) {
    throw s3Error('MalformedACLError', { message: `A list may hold ${caps.aclGrantsMax} grants at most.` });
  }
  return grants;
}

const badArgument = (message: string, name: string, value: string): S3Error =>
  s3Error('InvalidArgument', { ...(message && { message }), extra: { ArgumentName: name, ArgumentValue: value } });

/** Owner and Grants as GetBucketAcl and GetObjectAcl answer them. */
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
