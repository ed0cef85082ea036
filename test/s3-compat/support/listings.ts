// Keys that make listings interesting, and the many objects that make them long.
import { put } from './buckets.ts';

export const treeKeys = ['asdf', 'boo/bar', 'boo/baz/xyzzy', 'cquux/bla', 'cquux/thud'];
/** By UTF-8 bytes; JavaScript's own order would swap the last two. */
export const oddKeys = [' ', '"', '%', '+', '//', '/a', '<x>&', 'A', '\\', 'a b+c%', 'a..', 'é', '\uffee', '\u{1f600}'];

export async function fill(bucket: string, keys: readonly string[], atOnce = 16): Promise<void> {
  const waiting = [...keys];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) await put(bucket, key, key.slice(0, 9));
    }),
  );
}

export const byBytes = (keys: readonly string[]): string[] =>
  [...keys].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
