// One page of any listing: keys in byte order, those that share a prefix up to the delimiter rolled up into one entry. A rolled-up
// prefix is skipped by seeking, so a million keys below it cost one look-up.

/** What is listed, in order of key; one key may come several times. */
export interface Listing<Entry> {
  /** Next entry, or undefined at the end. */
  next(): Promise<{ readonly key: string; readonly entry: Entry } | undefined>;
  /** Goes on behind every key that starts with `prefix`. */
  skip(prefix: string): void;
}

export interface Page<Entry> {
  readonly entries: Entry[];
  readonly commonPrefixes: string[];
  readonly truncated: boolean;
  /** What the page ended with, if it holds anything. */
  readonly last?: { readonly entry: Entry } | { readonly commonPrefix: string };
}

export const emptyPage = { entries: [], commonPrefixes: [], truncated: false };

export async function gatherPage<Entry>(
  listing: Listing<Entry>,
  { prefix, delimiter, limit }: { prefix: string; delimiter?: string; limit: number },
): Promise<Page<Entry>> {
  const entries: Entry[] = [];
  const commonPrefixes: string[] = [];
  let last: Page<Entry>['last'];
  if (limit <= 0) return { entries, commonPrefixes, truncated: false };
  for (;;) {
    const found = await listing.next();
    if (found === undefined) return { entries, commonPrefixes, truncated: false, ...(last && { last }) };
    if (entries.length + commonPrefixes.length >= limit) {
      return { entries, commonPrefixes, truncated: true, ...(last && { last }) };
    }
    const commonPrefix = commonPrefixOf(found.key, prefix, delimiter);
    if (commonPrefix === undefined) {
      entries.push(found.entry);
      last = { entry: found.entry };
    } else {
      commonPrefixes.push(commonPrefix);
      last = { commonPrefix };
      listing.skip(commonPrefix);
    }
  }
}

/** `key` up to and with the first delimiter behind the prefix. */
export function commonPrefixOf(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (!delimiter || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}
