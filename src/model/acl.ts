// Access control lists: who was granted what. Order of grants matters to clients and is kept.
export type Permission = 'FULL_CONTROL' | 'READ' | 'WRITE' | 'READ_ACP' | 'WRITE_ACP';

export const groups = {
  allUsers: 'http://acs.amazonaws.com/groups/global/AllUsers',
  authenticatedUsers: 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers',
  logDelivery: 'http://acs.amazonaws.com/groups/s3/LogDelivery',
} as const;

export type Grantee = { readonly kind: 'user'; readonly id: string } | { readonly kind: 'group'; readonly uri: string };

export interface Grant {
  readonly grantee: Grantee;
  readonly permission: Permission;
}

export interface Acl {
  readonly owner: string; // canonical id
  readonly grants: readonly Grant[];
}

/** What an owner has when nobody said otherwise (canned `private`). */
export const privateAcl = (owner: string): Acl => ({
  owner,
  grants: [{ grantee: { kind: 'user', id: owner }, permission: 'FULL_CONTROL' }],
});

/** Whoever may be granted something: a user by canonical id, or nobody in particular. */
export interface Asker {
  readonly id?: string;
}

const grants = (grant: Grant, permission: Permission): boolean =>
  grant.permission === permission || grant.permission === 'FULL_CONTROL';

function names(grantee: Grantee, { id }: Asker): boolean {
  if (grantee.kind === 'user') return id !== undefined && grantee.id === id;
  if (grantee.uri === groups.allUsers) return true;
  // Log delivery is a service of AWS; no asker belongs to it.
  return grantee.uri === groups.authenticatedUsers && id !== undefined;
}

/** Owners may do anything, also when their own grant is gone; everybody else only what a grant says. */
export const allows = (acl: Acl, asker: Asker, permission: Permission): boolean =>
  (asker.id !== undefined && asker.id === acl.owner) ||
  acl.grants.some((grant) => grants(grant, permission) && names(grant.grantee, asker));

export const cannedAcls = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
  'log-delivery-write',
] as const;

export type CannedAcl = (typeof cannedAcls)[number];

/** The canonical id that AWS's `aws-exec-read` names. Nobody here has it; it is kept so that the list reads back as it was asked for. */
export const execReaderId = '6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c';

/** The grants that a canned ACL stands for. Groups come first and the owner last: clients index into the list. */
export function cannedAcl(canned: CannedAcl, owner: string, bucketOwner: string = owner): Acl {
  const group = (uri: string, permission: Permission): Grant => ({ grantee: { kind: 'group', uri }, permission });
  const user = (id: string, permission: Permission): Grant => ({ grantee: { kind: 'user', id }, permission });
  const full = user(owner, 'FULL_CONTROL');
  const withBucketOwner = (permission: Permission): Grant[] =>
    owner === bucketOwner ? [full] : [full, user(bucketOwner, permission)];
  const lists: Record<CannedAcl, () => Grant[]> = {
    private: () => [full],
    'public-read': () => [group(groups.allUsers, 'READ'), full],
    'public-read-write': () => [group(groups.allUsers, 'READ'), group(groups.allUsers, 'WRITE'), full],
    'authenticated-read': () => [group(groups.authenticatedUsers, 'READ'), full],
    'aws-exec-read': () => [user(execReaderId, 'READ'), full],
    'bucket-owner-read': () => withBucketOwner('READ'),
    'bucket-owner-full-control': () => withBucketOwner('FULL_CONTROL'),
    'log-delivery-write': () => [group(groups.logDelivery, 'WRITE'), group(groups.logDelivery, 'READ_ACP'), full],
  };
  return { owner, grants: lists[canned]() };
}
