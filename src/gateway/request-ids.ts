// Names of requests, as S3 shows them in headers, errors and logs.
import type { Random } from '../base/random.ts';

export interface RequestIds {
  /** x-amz-request-id: 16 characters. */
  next(): string;
  /** x-amz-id-2: which process answered. */
  readonly hostId: string;
}

const idBytes = 8;
/** Drawn at once: randomness is asked for once per batch and not once per request. */
const batch = 512;

export function createRequestIds(random: Random): RequestIds {
  let pool: Buffer = Buffer.alloc(0);
  let at = 0;
  return {
    hostId: random.bytes(24).toString('base64'),
    next() {
      if (at === pool.length) {
        pool = random.bytes(idBytes * batch);
        at = 0;
      }
      at += idBytes;
      return pool.toString('hex', at - idBytes, at).toUpperCase();
    },
  };
}
