// Who holds what: how many rows hold each manifest, and how many manifests own each block. Copies share a manifest and so its
// blocks, which therefore count once for all of them.
import type { Catalog } from '../../catalog/catalog.ts';
import { idOf, tag } from '../../catalog/keys.ts';
import { decodeDropped } from '../../catalog/records/dropped.ts';
import { decodeManifestChunk } from '../../catalog/records/manifest.ts';
import { decodePart } from '../../catalog/records/part.ts';
import { decodeUpload } from '../../catalog/records/upload.ts';
import { decodeVersion } from '../../catalog/records/version.ts';
import type { Held } from '../../objects/drop.ts';
import { walkKind } from '../walk-rows.ts';
import { IdCounts } from './id-counts.ts';

export interface Holdings {
  /** Versions, parts of running uploads and longer manifests that hold a manifest. */
  readonly holders: IdCounts;
  /** Manifests that wait for the collector. */
  readonly dropped: IdCounts;
  /** Manifests that own a block, dropped ones too. */
  readonly owners: IdCounts;
  readonly uploads: IdCounts;
}

export async function gatherHoldings(catalog: Catalog): Promise<Holdings> {
  const found = {
    holders: new IdCounts(),
    dropped: new IdCounts(),
    owners: new IdCounts(),
    uploads: new IdCounts(),
  };
  const hold = ({ manifest, blocks = [] }: Held): void => {
    // Without a name the blocks are this row's alone.
    if (manifest !== undefined && found.holders.add(manifest) > 1) return;
    for (const { id } of blocks) found.owners.add(id);
  };
  for (const kind of [tag.current, tag.version] as const) {
    for await (const { value } of walkKind(catalog, kind)) hold(decodeVersion(value));
  }
  for await (const { value } of walkKind(catalog, tag.upload)) found.uploads.add(decodeUpload(value).id);
  for await (const { key, value } of walkKind(catalog, tag.manifestPart)) {
    if (found.uploads.has(idOf(key))) hold(decodePart(value));
  }
  for await (const { value } of walkKind(catalog, tag.dropped)) {
    const { manifest, blocks = [] } = decodeDropped(value);
    if (manifest !== undefined && (found.dropped.add(manifest) > 1 || found.holders.has(manifest))) continue;
    for (const { id } of blocks) found.owners.add(id);
  }
  for await (const { value } of walkKind(catalog, tag.manifest)) {
    for (const entry of decodeManifestChunk(value).entries) {
      if (entry.kind === 'manifest') found.holders.add(entry.manifest);
      else if (entry.kind === 'inline') hold(entry);
      else found.owners.add(entry.block.id);
    }
  }
  return found;
}
