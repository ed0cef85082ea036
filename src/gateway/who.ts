// Who owns and who asks, as S3 shows them: canonical id and display name.
import type { Identity, UserDirectory } from '../model/identity.ts';

/** The canonical id under which S3 books what nobody in particular wrote. */
export const anonymousId = '65a011a29cdf8ec533ec3d1ccaae921c';

export const callerId = (identity: Identity): string =>
  identity.kind === 'user' ? identity.user.canonicalId : anonymousId;

/** `<Owner>` or `<Initiator>`: the id stays when its user has left the configuration. */
export function ownerElement(id: string, users: UserDirectory): { ID: string; DisplayName?: string } {
  const name = id === anonymousId ? 'anonymous' : users.byCanonicalId(id)?.displayName;
  return name === undefined ? { ID: id } : { ID: id, DisplayName: name };
}
