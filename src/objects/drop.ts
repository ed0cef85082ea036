// Who holds a manifest, and what happens when the last holder lets go. A manifest with one holder has no reference row;
// from the second holder on, the row counts them and every sharer's commit checks it, so two deletes at once cannot leak.
import type { Catalog, Change, Check, Write } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { encodeDropped } from '../catalog/records/dropped.ts';
import { decodeReference, encodeReference } from '../catalog/records/reference.ts';
import type { BlockRef } from '../model/block.ts';
import type { ManifestId } from '../model/ids.ts';

/** What a version or part row says of its bytes; both are absent on markers and empty objects. */
export interface Held {
  readonly manifest?: ManifestId;
  readonly blocks?: readonly BlockRef[];
}

/**
 * Adds one holder. The commit must also check the row that the manifest was found in, else its owner may have dropped it
 * meanwhile.
 */
export async function shareManifest(catalog: Catalog, manifest: ManifestId): Promise<Change> {
  const { check, count } = await readReference(catalog, manifest);
  return { checks: [check], writes: [[check[0], encodeReference(count + 1)]] };
}

/** Removes one holder; the last one leaves a DROPPED row that the collector works off. */
export const releaseManifest = (catalog: Catalog, held: Held, droppedMs: number): Promise<Change> =>
  releaseManifests(catalog, [held], droppedMs);

/** The same for several at once, which may name one manifest more than once. At most two rows per manifest. */
export async function releaseManifests(catalog: Catalog, helds: readonly Held[], droppedMs: number): Promise<Change> {
  const checks: Check[] = [];
  const writes: Write[] = [];
  for (const [manifest, { blocks, releases }] of byManifest(helds)) {
    const { check, count } = await readReference(catalog, manifest);
    const left = count - releases;
    checks.push(check);
    if (check[1] !== 'absent') writes.push([check[0], left > 1 ? encodeReference(left) : undefined]);
    if (left <= 0) writes.push([keys.dropped(droppedMs, manifest), encodeDropped({ manifest, blocks })]);
  }
  return { checks, writes };
}

function byManifest(helds: readonly Held[]): Map<ManifestId, { blocks?: readonly BlockRef[]; releases: number }> {
  const grouped = new Map<ManifestId, { blocks?: readonly BlockRef[]; releases: number }>();
  for (const { manifest, blocks } of helds) {
    if (manifest === undefined) continue;
    const group = grouped.get(manifest) ?? { blocks, releases: 0 };
    group.releases += 1;
    grouped.set(manifest, group);
  }
  return grouped;
}

async function readReference(catalog: Catalog, manifest: ManifestId): Promise<{ check: Check; count: number }> {
  const key = keys.reference(manifest);
  const row = await catalog.get(key);
  return { check: [key, row?.version ?? 'absent'], count: row === undefined ? 1 : decodeReference(row.value) };
}
