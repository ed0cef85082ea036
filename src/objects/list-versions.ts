// ListObjectVersions: keys ascending, versions and markers of a key newest first. Two cursors walk side by side, one over the
// newest version of each key and one over the older ones.
import { Fault } from '../base/fault.ts';
import { keys, prefixEnd, tag, textOf } from '../catalog/keys.ts';
import { listViewOf } from '../catalog/records/version.ts';
import type { Bucket } from '../model/bucket.ts';
import { emptyPage, gatherPage, type Listing } from './gather-page.ts';
import { readHead, readOlderNull } from './head.ts';
import { isKey, isPrefix, placeAmong } from './key-place.ts';
import { startAfter } from './list-objects.ts';
import type { ListedVersion, ListVersionsPage, ListVersionsQuery } from './objects.ts';
import { createRowCursor } from './row-cursor.ts';
import type { Tools } from './story.ts';
import { nullVersionId, sequenceOf } from './version-ids.ts';

/** Continue behind this version of a key. */
interface Behind {
  readonly key: string;
  readonly sequence: number;
}

export async function listVersions(tools: Tools, bucket: Bucket, query: ListVersionsQuery): Promise<ListVersionsPage> {
  const goOn = await whereToGoOn(tools, bucket, query);
  if (!isPrefix(query.prefix)) return emptyPage;
  const page = await gatherPage(walkVersions(tools, bucket, query, goOn), query);
  const { last, ...shown } = page;
  if (last === undefined) return shown;
  if ('commonPrefix' in last) return { ...shown, next: last.commonPrefix };
  return { ...shown, next: last.entry.key, nextVersionId: last.entry.version.versionId };
}

/** undefined: behind all versions of the marker's key. */
async function whereToGoOn(tools: Tools, bucket: Bucket, query: ListVersionsQuery): Promise<Behind | undefined> {
  const { after: key, afterVersionId: versionId } = query;
  if (versionId === undefined) return undefined;
  if (key === undefined) throw invalidMarker(versionId);
  const sequence = versionId === nullVersionId ? undefined : sequenceOf(versionId);
  if (!isKey(key)) return undefined;
  if (sequence !== undefined) return { key, sequence };
  const { live } = await readHead(tools.catalog, bucket.id, key);
  if (live?.versionId === nullVersionId) return { key, sequence: live.sequence };
  const older = (await readOlderNull(tools.catalog, bucket.id, key))?.located;
  return older && { key, sequence: older.version.sequence };
}

const invalidMarker = (value: string): Fault =>
  new Fault({
    kind: 'argument-invalid',
    name: 'version-id-marker',
    value,
    message: 'A version-id marker cannot be specified without a key marker.',
  });

function walkVersions(
  tools: Tools,
  bucket: Bucket,
  query: ListVersionsQuery,
  behind: Behind | undefined,
): Listing<ListedVersion> {
  const first = keys.first(tag.current, bucket.id);
  const fromHeads = placeAmong(first, query.prefix);
  const fromOlder = placeAmong(keys.first(tag.version, bucket.id), query.prefix);
  const expected = query.delimiter ? 0 : query.limit + 1;
  const heads = createRowCursor(tools.catalog, fromHeads, prefixEnd(fromHeads), expected);
  const older = createRowCursor(tools.catalog, fromOlder, prefixEnd(fromOlder));
  if (behind !== undefined) heads.seek(keys.current(bucket.id, behind.key));
  else if (query.after !== undefined) heads.seek(startAfter(first, query, query.after));

  /** The key whose older versions are being told. */
  let open: { readonly key: string; readonly prefix: Buffer; sequence: number } | undefined;

  return {
    async next() {
      for (;;) {
        if (open !== undefined) {
          const row = await older.peek();
          if (row?.key.subarray(0, open.prefix.length).equals(open.prefix)) {
            older.advance();
            const version = listViewOf(row.value);
            // A version that became an older one since its key's head was read was told already.
            if (version.sequence >= open.sequence) continue;
            return { key: open.key, entry: { key: open.key, version, latest: false } };
          }
          open = undefined;
        }
        const row = await heads.peek();
        if (row === undefined) return undefined;
        heads.advance();
        const version = listViewOf(row.value);
        if (version.kind === 'gone') continue;
        const key = textOf(row.key, 1);
        open = { key, prefix: keys.versionsOf(bucket.id, key), sequence: version.sequence };
        if (behind?.key === key && version.sequence >= behind.sequence) {
          open.sequence = behind.sequence;
          older.seek(keys.version(bucket.id, key, behind.sequence));
          continue;
        }
        older.seek(open.prefix);
        return { key, entry: { key, version, latest: true } };
      }
    },
    skip(prefix) {
      open = undefined;
      heads.seek(prefixEnd(placeAmong(first, prefix)));
    },
  };
}
