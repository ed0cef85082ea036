// Chance is an argument, like time.
import { createHash, randomBytes } from 'node:crypto';

export interface Random {
  /** `length` unpredictable bytes. */
  bytes(length: number): Buffer;
}

/** Drawn at once for many: asking costs more than the few bytes of an id. No byte is given out twice. */
const poolBytes = 8 * 1024;
let pool: Buffer = Buffer.alloc(0);
let used = 0;

export const systemRandom: Random = {
  bytes(length) {
    if (length > poolBytes / 8) return randomBytes(length);
    if (used + length > pool.length) {
      pool = randomBytes(poolBytes);
      used = 0;
    }
    used += length;
    return pool.subarray(used - length, used);
  },
};

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

/**
 * A 128-bit id as 32 lower-case hex digits that sorts by the millisecond it was made in, 80 bits of it random. Rows of blocks that are
 * written together lie on the same page then, which a durable commit pays for; nothing depends on their order.
 */
export function timedId(random: Random, wallMs: number): string {
  return Math.max(0, Math.floor(wallMs)).toString(16).padStart(12, '0') + random.bytes(10).toString('hex');
}
