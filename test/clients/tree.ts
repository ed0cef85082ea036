// A tree of files as real people have it: sizes log-uniform over six decades, odd names, empty files, a few big ones.
import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, createReadStream, mkdirSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { MiB } from '../../src/base/units.ts';

export interface TreeShape {
  readonly files: number;
  readonly bytesMax: number;
  readonly bigFiles: number;
  readonly bigBytes: number;
  readonly seed: number;
}

export const fullTree: TreeShape = { files: 5000, bytesMax: 8 * MiB, bigFiles: 5, bigBytes: 64 * MiB, seed: 7 };

const oddNames = [
  'with space',
  'plus+sign',
  'per%cent',
  'per%25cent',
  'été',
  'prefix',
  'prefix.longer',
  'tilde~',
  `quote'`,
  'a=b&c=d',
  '(paren)',
  'semi;colon',
  'at@sign',
  'comma,',
  '日本語',
  '.hidden',
  '..dots',
  'star*',
  'hash#',
  'question?mark',
];

/** Writes the tree under `root`; the same seed gives the same bytes. Returns the number of bytes. */
export function growTree(root: string, shape: TreeShape): number {
  const random = numbers(shape.seed);
  let total = 0;
  const put = (name: string, bytes: number): void => {
    writeFile(join(root, name), bytes, random());
    total += bytes;
  };
  for (let at = 0; at < shape.files; at++) {
    const bytes = Math.floor(Math.exp((random() / 2 ** 32) * Math.log(shape.bytesMax)));
    const odd = at % 10 === 0 ? `${oddNames[(at / 10) % oddNames.length]} ` : '';
    put(`dir${at % 23}/sub${at % 7}/${odd}file-${at}.bin`, bytes);
  }
  for (let at = 0; at < 8; at++) put(`empty/${oddNames[at]}`, 0);
  put('dir1.txt', 100); // "dir1" is a directory, "dir1.txt" has it as a prefix, and so has "dir10/…"
  for (let at = 0; at < shape.bigFiles; at++) put(`big/${at}.bin`, shape.bigBytes);
  return total;
}

function writeFile(path: string, bytes: number, seed: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed);
  const stream = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const file = openSync(path, 'w');
  for (let left = bytes; left > 0; left -= MiB) writeSync(file, stream.update(Buffer.alloc(Math.min(MiB, left))));
  closeSync(file);
}

/** A 32-bit xorshift: enough for sizes and seeds. */
function numbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

export type Fingerprint = ReadonlyMap<string, string>;

/** Relative path → `size sha256` of every file below. */
export async function fingerprint(root: string): Promise<Fingerprint> {
  const prints = new Map<string, string>();
  for (const path of filesBelow(root)) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    prints.set(relative(root, path), `${statSync(path).size} ${hash.digest('hex')}`);
  }
  return prints;
}

export function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** What differs, in words; empty when byte for byte the same. */
export function differences(wanted: Fingerprint, got: Fingerprint): string[] {
  return [
    ...[...wanted]
      .filter(([name, print]) => got.get(name) !== print)
      .map(([name]) => `${got.has(name) ? 'differs' : 'missing'}: ${name}`),
    ...[...got.keys()].filter((name) => !wanted.has(name)).map((name) => `unexpected: ${name}`),
  ];
}
