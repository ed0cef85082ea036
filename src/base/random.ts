// Chance is an argument, like time.
import { randomBytes } from 'node:crypto';

export interface Random {
  /** `length` unpredictable bytes. */
  bytes(length: number): Buffer;
}

export const systemRandom: Random = { bytes: (length) => randomBytes(length) };

/** A random 128-bit id as 32 lower-case hex digits. Never reused, never derived from a key. */
export function randomId(random: Random): string {
  return random.bytes(16).toString('hex');
}
