// Chance is an argument, like time.
import { createHash, randomBytes } from 'node:crypto';

export interface Random {
  /** `length` unpredictable bytes. */
  bytes(length: number): Buffer;
}

export const systemRandom: Random = { bytes: (length) => randomBytes(length) };

/** The same bytes for the same seed: for tests, chaos runs and the simulator, never for ids that are kept. */
export function seededRandom(seed: string): Random {
  let block = 0;
  let left = Buffer.alloc(0);
  return {
    bytes(length) {
      const parts = [left];
      for (let have = left.length; have < length; have += 64)
        parts.push(createHash('sha512').update(`${block++}:${seed}`).digest());
      const all = Buffer.concat(parts);
      left = Buffer.from(all.subarray(length));
      return all.subarray(0, length);
    },
  };
}

/** A random 128-bit id as 32 lower-case hex digits. Never reused, never derived from a key. */
export function randomId(random: Random): string {
  return random.bytes(16).toString('hex');
}
