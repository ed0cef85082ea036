// Bytes that say what they are: made from a name and a length alone, so that a verifier needs no copy of them, and no two pieces alike.
import { createHash } from 'node:crypto';

export interface Stamp {
  readonly name: string;
  readonly size: number;
}

/** An object's bytes: one stamp, or one for each of its parts. */
export type Content = readonly Stamp[];

const lineBytes = 64;

function bytesOfStamp({ name, size }: Stamp): Buffer {
  const bytes = Buffer.alloc(size, createHash('sha512').update(name).digest());
  for (let at = 0; at + 4 <= size; at += lineBytes) bytes.writeUInt32BE(at, at);
  return bytes;
}

export const bytesOf = (content: Content): Buffer =>
  content.length === 1 ? bytesOfStamp(content[0]!) : Buffer.concat(content.map(bytesOfStamp));
