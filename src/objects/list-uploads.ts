// ListMultipartUploads: running uploads by key, those of one key in order of initiation.
import { after, keys, prefixEnd, tag, uploadKeyOf } from '../catalog/keys.ts';
import { decodeUpload } from '../catalog/records/upload.ts';
import type { Bucket } from '../model/bucket.ts';
import { isId } from '../model/ids.ts';
import type { Upload } from '../model/object.ts';
import { commonPrefixOf, emptyPage, gatherPage } from './gather-page.ts';
import { beforeNul, isKey, isPrefix, placeAmong } from './key-place.ts';
import type { ListUploadsPage, ListUploadsQuery } from './objects.ts';
import { createRowCursor } from './row-cursor.ts';
import type { Tools } from './story.ts';

export async function listUploads(tools: Tools, bucket: Bucket, query: ListUploadsQuery): Promise<ListUploadsPage> {
  const uploads = keys.first(tag.upload, bucket.id);
  if (!isPrefix(query.prefix)) return emptyPage;
  /** Every row of keys that start with `text` starts with this. */
  const below = (text: string): Buffer => placeAmong(uploads, text);
  const from = below(query.prefix);
  const cursor = createRowCursor(tools.catalog, from, prefixEnd(from));
  if (query.after !== undefined) cursor.seek(startBehind(query, query.after));
  const page = await gatherPage<Upload>(
    {
      async next() {
        const row = await cursor.peek();
        if (row === undefined) return undefined;
        cursor.advance();
        return { key: uploadKeyOf(row.key).key, entry: decodeUpload(row.value) };
      },
      skip: (prefix) => cursor.seek(prefixEnd(below(prefix))),
    },
    query,
  );
  const { last, ...shown } = page;
  if (last === undefined) return shown;
  if ('commonPrefix' in last) return { ...shown, next: last.commonPrefix };
  return { ...shown, next: last.entry.key, nextUploadId: last.entry.id };

  /** Behind one upload of the marker's key, or behind all of them. */
  function startBehind({ prefix, delimiter, afterUploadId }: ListUploadsQuery, marker: string): Buffer {
    const rolledUp = commonPrefixOf(beforeNul(marker), prefix, delimiter);
    if (rolledUp !== undefined) return prefixEnd(below(rolledUp));
    if (afterUploadId !== undefined && isKey(marker) && isId(afterUploadId)) {
      return after(keys.upload(bucket.id, marker, afterUploadId));
    }
    return prefixEnd(after(below(marker))); // every row of the key itself ends in NUL and an id
  }
}
