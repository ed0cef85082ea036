// Grants as the ACL cases compare them.
import type { AccessControlPolicy, Grant } from '@aws-sdk/client-s3';
import { target } from './target.ts';

export const everyone = 'http://acs.amazonaws.com/groups/global/AllUsers';
export const signedIn = 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers';
export const { main: mainUser, alt: altUser } = target;

export const short = (grants: readonly Grant[] = []): string[] =>
  grants.map(
    ({ Grantee, Permission }) => `${Grantee?.URI?.split('/').at(-1) ?? Grantee?.ID?.slice(0, 1)} ${Permission}`,
  );

export const policy = (...grants: [grantee: object, permission: string][]): AccessControlPolicy => ({
  Owner: { ID: mainUser.canonicalId, DisplayName: mainUser.displayName },
  Grants: grants.map(([Grantee, Permission]) => ({ Grantee: Grantee as never, Permission: Permission as never })),
});

export const toMain = { Type: 'CanonicalUser', ID: mainUser.canonicalId };
export const toAlt = { Type: 'CanonicalUser', ID: altUser.canonicalId };
export const toEmail = (EmailAddress: string) => ({ Type: 'AmazonCustomerByEmail', EmailAddress });
export const toGroup = (URI: string) => ({ Type: 'Group', URI });

/** First letters of the two users' ids, as `short` writes them. */
export const m = mainUser.canonicalId.slice(0, 1);
export const a = altUser.canonicalId.slice(0, 1);
