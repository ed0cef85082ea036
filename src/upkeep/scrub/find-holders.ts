// Which objects hold some blocks: for the few that are damaged, since it walks over all versions.
import type { Catalog } from '../../catalog/catalog.ts';
import { idOf, tag, textOf, uploadKeyOf, versionKeyOf } from '../../catalog/keys.ts';
import { decodeBucket } from '../../catalog/records/bucket.ts';
import { decodePart } from '../../catalog/records/part.ts';
import { decodeVersion } from '../../catalog/records/version.ts';
import type { BlockId } from '../../model/ids.ts';
import { type Bytes, segmentsOf } from '../../objects/manifest.ts';
import { walkKind } from '../walk-rows.ts';

export interface Holder {
  readonly bucket: string;
  readonly key: string;
  /** Absent for parts of a running upload. */
  readonly versionId?: string;
  readonly uploadId?: string;
}

export async function findHolders(catalog: Catalog, blocks: ReadonlySet<BlockId>): Promise<Map<BlockId, Holder[]>> {
  const found = new Map<BlockId, Holder[]>();
  const names = new Map<string, string>();
  for await (const { value } of walkKind(catalog, tag.bucket)) {
    const { id, name } = decodeBucket(value);
    names.set(id, name);
  }
  const look = async (bytes: Bytes & { readonly size: number }, holder: Holder): Promise<void> => {
    const seen = new Set<BlockId>();
    try {
      for await (const segment of segmentsOf(catalog, bytes, { start: 0, end: bytes.size })) {
        for (const { id } of segment.blocks) if (blocks.has(id)) seen.add(id);
      }
    } catch {
      // a manifest that lacks rows is fsck's to tell
    }
    for (const id of seen) found.set(id, [...(found.get(id) ?? []), holder]);
  };
  for (const kind of [tag.current, tag.version] as const) {
    for await (const row of walkKind(catalog, kind)) {
      const version = decodeVersion(row.value);
      const key = kind === tag.current ? textOf(row.key, 1) : versionKeyOf(row.key).key;
      await look(version, { bucket: names.get(idOf(row.key)) ?? idOf(row.key), key, versionId: version.versionId });
    }
  }
  for await (const row of walkKind(catalog, tag.upload)) {
    const { key, uploadId } = uploadKeyOf(row.key);
    const holder = { bucket: names.get(idOf(row.key)) ?? idOf(row.key), key, uploadId };
    for await (const part of walkKind(catalog, tag.manifestPart, uploadId)) await look(decodePart(part.value), holder);
  }
  return found;
}
