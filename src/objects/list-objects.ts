// ListObjects, both versions: current versions in key order; markers and gone heads are not there for the reader.
import { after, keys, prefixEnd, tag, textOf } from '../catalog/keys.ts';
import { listViewOf } from '../catalog/records/version.ts';
import type { Bucket } from '../model/bucket.ts';
import { commonPrefixOf, emptyPage, gatherPage } from './gather-page.ts';
import { beforeNul, isPrefix, placeAmong } from './key-place.ts';
import type { ListedObject, ListPage, ListQuery } from './objects.ts';
import { createRowCursor } from './row-cursor.ts';
import type { Tools } from './story.ts';

export async function listObjects(tools: Tools, bucket: Bucket, query: ListQuery): Promise<ListPage<ListedObject>> {
  if (!isPrefix(query.prefix)) return emptyPage;
  const first = keys.first(tag.current, bucket.id);
  const from = placeAmong(first, query.prefix);
  const cursor = createRowCursor(tools.catalog, from, prefixEnd(from), query.delimiter ? 0 : query.limit + 1);
  if (query.after !== undefined) cursor.seek(startAfter(first, query, query.after));
  const page = await gatherPage<ListedObject>(
    {
      async next() {
        for (;;) {
          const row = await cursor.peek();
          if (row === undefined) return undefined;
          cursor.advance();
          const version = listViewOf(row.value);
          if (version.kind !== 'object') continue;
          const key = textOf(row.key, 1);
          return { key, entry: { key, version } };
        }
      },
      skip: (prefix) => cursor.seek(prefixEnd(placeAmong(first, prefix))),
    },
    query,
  );
  const { last, ...shown } = page;
  return last === undefined ? shown : { ...shown, next: 'entry' in last ? last.entry.key : last.commonPrefix };
}

/** Behind `marker`; where it lies below a common prefix, behind all of that, since the prefix itself is not greater. */
export function startAfter(first: Buffer, query: ListQuery, marker: string): Buffer {
  const rolledUp = commonPrefixOf(beforeNul(marker), query.prefix, query.delimiter);
  return rolledUp === undefined ? after(placeAmong(first, marker)) : prefixEnd(placeAmong(first, rolledUp));
}
