// The configured users, looked up by key, id and e-mail; replaced as a whole when they change.
import type { ConfiguredUser } from '../config/config.ts';
import type { User, UserDirectory } from '../model/identity.ts';

export interface ReplaceableUsers extends UserDirectory {
  replace(users: readonly ConfiguredUser[]): void;
  byName(name: string): User | undefined;
  /** Who owns what nobody was named for. */
  first(): User | undefined;
}

export function createUserDirectory(first: readonly ConfiguredUser[]): ReplaceableUsers {
  let byKey = new Map<string, { user: User; secretKey: string }>();
  let byId = new Map<string, User>();
  let byEmail = new Map<string, User>();
  let byName = new Map<string, User>();

  const replace = (users: readonly ConfiguredUser[]): void => {
    byKey = new Map();
    byId = new Map();
    byEmail = new Map();
    byName = new Map();
    for (const { name, canonicalId, displayName, email, accessKey, secretKey } of users) {
      // One user may have several keys: all of them lead to the same person.
      const user = byName.get(name) ?? { name, canonicalId, displayName, ...(email === undefined ? {} : { email }) };
      byName.set(name, user);
      byKey.set(accessKey, { user, secretKey });
      byId.set(user.canonicalId, user);
      if (user.email !== undefined) byEmail.set(user.email.toLowerCase(), user);
    }
  };
  replace(first);
  return {
    replace,
    byAccessKey: (accessKey) => byKey.get(accessKey),
    byCanonicalId: (id) => byId.get(id),
    byEmail: (email) => byEmail.get(email.toLowerCase()),
    byName: (name) => byName.get(name),
    first: () => byName.values().next().value,
  };
}
