// Who asks: a configured user, or nobody in particular.
export interface User {
  readonly name: string;
  /** 64 hex digits usually; what Owner/ID and grants show. */
  readonly canonicalId: string;
  readonly displayName: string;
  readonly email?: string;
}

export type Identity = { readonly kind: 'user'; readonly user: User } | { readonly kind: 'anonymous' };

export const anonymous: Identity = { kind: 'anonymous' };

/** Look-ups over the configured users. */
export interface UserDirectory {
  byAccessKey(accessKey: string): { user: User; secretKey: string } | undefined;
  byCanonicalId(id: string): User | undefined;
  byEmail(email: string): User | undefined;
}
