// Files of the data directory that hold secrets: generated once, readable by their owner only, replaced atomically.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { syncFolder } from '../base/durable-folder.ts';
import type { Random } from '../base/random.ts';
import { type ConfiguredUser, canonicalIdOf } from '../config/config.ts';

const files = { credentials: 'credentials', users: 'users.json', token: 'admin-token' } as const;

export interface Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** The generated first user's keys; `created` only on the start that made them. */
export function ensureCredentials(data: string, random: Random): Credentials & { readonly created: boolean } {
  const found = readCredentials(data);
  if (found !== undefined) return { ...found, created: false };
  const made = { accessKey: newAccessKey(random), secretKey: newSecretKey(random) };
  writeSecret(join(data, files.credentials), `${JSON.stringify(made)}\n`);
  return { ...made, created: true };
}

export function readCredentials(data: string): Credentials | undefined {
  const path = join(data, files.credentials);
  const text = readOrNothing(path);
  if (text === undefined) return undefined;
  try {
    const { accessKey, secretKey } = JSON.parse(text) as Credentials;
    if (typeof accessKey === 'string' && typeof secretKey === 'string') return { accessKey, secretKey };
  } catch {
    // Falls through: half a file is told, never replaced by new keys that open nothing.
  }
  throw new Error(`${path} is damaged; restore it, or remove it to have new keys made`);
}

export const mainUser = (keys: Credentials): ConfiguredUser => ({
  name: 'main',
  displayName: 'main',
  canonicalId: canonicalIdOf('main'),
  accessKey: keys.accessKey,
  secretKey: keys.secretKey,
});

export function ensureAdminToken(data: string, random: Random): string {
  const path = join(data, files.token);
  const found = readOrNothing(path)?.trim();
  if (found) return found;
  const token = random.bytes(24).toString('base64url');
  writeSecret(path, `${token}\n`);
  return token;
}

export const readAdminToken = (data: string): string | undefined => readOrNothing(join(data, files.token))?.trim();

/** Users made at run time by `key create`. */
export function readUsers(data: string): ConfiguredUser[] {
  const path = join(data, files.users);
  const text = readOrNothing(path);
  if (text === undefined) return [];
  try {
    return (JSON.parse(text) as { users: ConfiguredUser[] }).users;
  } catch (error) {
    throw new Error(`${path} is damaged: ${(error as Error).message}`);
  }
}

export function writeUsers(data: string, users: readonly ConfiguredUser[]): void {
  writeSecret(join(data, files.users), `${JSON.stringify({ users }, undefined, 2)}\n`);
}

export const newAccessKey = (random: Random): string => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return `EG${[...random.bytes(18)].map((byte) => letters[byte & 31]).join('')}`;
};

export const newSecretKey = (random: Random): string => random.bytes(30).toString('base64url');

function writeSecret(path: string, text: string): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
