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
