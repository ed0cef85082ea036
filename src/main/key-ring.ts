// Everybody who may sign: users of the configuration, the generated first user, and those made at run time by `key create`.
import type { Random } from '../base/random.ts';
import { type ConfiguredUser, canonicalIdOf } from '../config/config.ts';
import { CallRefused } from './messages.ts';
import { newAccessKey, newSecretKey, readUsers, writeUsers } from './secrets.ts';

export interface ListedKey {
  readonly name: string;
  readonly accessKey: string;
  readonly canonicalId: string;
  readonly origin: 'configuration' | 'generated' | 'run time';
}

export class KeyRing {
  readonly #data: string;
  readonly #random: Random;
  #isGenerated: boolean;
  #configured: readonly ConfiguredUser[];
  #added: readonly ConfiguredUser[];

  constructor(data: string, configured: readonly ConfiguredUser[], generated: boolean, random: Random) {
    this.#data = data;
    this.#isGenerated = generated;
    this.#random = random;
    this.#configured = configured;
    this.#added = readUsers(data);
  }

  get users(): readonly ConfiguredUser[] {
    const known = new Set(this.#configured.map((user) => user.accessKey));
    return [...this.#configured, ...this.#added.filter((user) => !known.has(user.accessKey))];
  }

  replaceConfigured(users: readonly ConfiguredUser[]): void {
    this.#configured = users;
    this.#isGenerated = false;
  }

  list(): ListedKey[] {
    const fromConfig = new Set(this.#configured.map((user) => user.accessKey));
    return this.users.map(({ name, accessKey, canonicalId }) => ({
      name,
      accessKey,
      canonicalId,
      origin: !fromConfig.has(accessKey) ? 'run time' : this.#isGenerated ? 'generated' : 'configuration',
    }));
  }

  /** Another key for a known user, or a new user. The secret is shown this once. */
  create(params: Readonly<Record<string, unknown>>): ConfiguredUser {
    const { name, displayName, email } = params;
    if (typeof name !== 'string' || !/^[A-Za-z0-9_.@+-]{1,64}$/.test(name)) {
      throw new CallRefused('bad-request', 'name must be 1–64 letters, digits or _.@+-');
    }
    if (displayName !== undefined && (typeof displayName !== 'string' || !/^[^\p{Cc}]{1,256}$/u.test(displayName))) {
      throw new CallRefused('bad-request', 'displayName must be text of 1–256 characters on one line');
    }
    if (email !== undefined && (typeof email !== 'string' || !/^[^\s@]{1,64}@[^\s@]{1,190}$/.test(email))) {
      throw new CallRefused('bad-request', 'email must be an e-mail address');
    }
    const same = this.users.find((user) => user.name === name);
    if (same === undefined && email !== undefined && this.users.some((user) => user.email === email)) {
      throw new CallRefused('conflict', `${email} belongs to another user`);
    }
    const owner = same ?? {
      name,
      displayName: displayName ?? name,
      canonicalId: canonicalIdOf(name),
      ...(email === undefined ? {} : { email }),
    };
    const made = { ...owner, accessKey: newAccessKey(this.#random), secretKey: newSecretKey(this.#random) };
    this.#save([...this.#added, made]);
    return made;
  }

  remove(accessKey: unknown): void {
    if (this.#configured.some((user) => user.accessKey === accessKey)) {
      throw new CallRefused(
        'conflict',
        this.#isGenerated
          ? 'this is the generated first key; name users in the configuration to replace it'
          : 'this key comes from the configuration; remove it there and reload',
      );
    }
    const rest = this.#added.filter((user) => user.accessKey !== accessKey);
    if (rest.length === this.#added.length) throw new CallRefused('not-found', `no access key ${String(accessKey)}`);
    this.#save(rest);
  }

  #save(added: readonly ConfiguredUser[]): void {
    writeUsers(this.#data, added);
    this.#added = added;
  }
}
