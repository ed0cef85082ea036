// Bodies that say what they are: every write has a stamp of its own, carried in its metadata, and its bytes follow from stamp and size
// alone. So whatever is read back is known for what it is, whole or torn.
import { createCipheriv, createHash } from 'node:crypto';

export interface Stamped {
  readonly stamp: string;
  readonly size: number;
}

export const stampHeader = 'x-amz-meta-stamp';

/** No two stamps share 16 bytes. */
export function bodyOf({ stamp, size }: Stamped): Buffer {
  const key = createHash('md5').update(stamp).digest();
  return createCipheriv('aes-128-ctr', key, zeroIv).update(Buffer.alloc(size));
}

const zeroIv = Buffer.alloc(16);

/** As a header value and as something to compare: `stamp.size`. */
export const nameOf = ({ stamp, size }: Stamped): string => `${stamp}.${size}`;

export function parseName(name: string): Stamped {
  const dot = name.lastIndexOf('.');
  return { stamp: name.slice(0, dot), size: Number(name.slice(dot + 1)) };
}
