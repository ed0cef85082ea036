// Rebuilds the catalog of a data directory: in folders beside it, so that whatever happens there is either the old catalog, or none,
// or the whole new one.
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemRandom } from '../base/random.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { encodePartition } from '../catalog/records/partition.ts';
import type { Config } from '../config/config.ts';
import { type FsckReport, runFsck } from '../upkeep/fsck.ts';
import { type RebuildDeps, type RebuildReport, rebuildCatalog } from '../upkeep/rebuild.ts';
import { catalogFolder } from './catalog-place.ts';
import { hasCatalog, type Offline, openOffline } from './offline.ts';

export { Unreachable } from '../upkeep/rebuild.ts';

export interface RebuildWishes {
  readonly replace: boolean;
  readonly without: readonly string[];
  readonly nowMs: number;
  readonly onProgress: RebuildDeps['onProgress'];
  readonly onChecked: (check: string, looked: number) => void;
}

export interface Rebuilt {
  readonly report: RebuildReport;
  readonly fsck: FsckReport;
  /** Where the catalog went that was there before. */
  readonly aside: string | undefined;
}

export class CatalogThere extends Error {
  override readonly name = 'CatalogThere';
}

const scratchFolder = 'catalog.gathered';
const newFolder = 'catalog.rebuilt';

export async function rebuildOffline(config: Config, wishes: RebuildWishes): Promise<Rebuilt> {
  const { nowMs, without, onProgress } = wishes;
  const place = await openOffline(config, 'as found');
  try {
    const before = hasCatalog(config) ? place.catalog(catalogFolder) : undefined;
    const holdsRows = before !== undefined && before.stat().rows > 0;
    if (holdsRows && !wishes.replace)
      throw new CatalogThere(`there is a catalog with data in ${join(config.data, catalogFolder)}`);
    for (const folder of [scratchFolder, newFolder])
      rmSync(join(config.data, folder), { recursive: true, force: true });
    const scratch = place.catalog(scratchFolder);
    const target = place.catalog(newFolder);
    const { partitions } = place;
    const report = await rebuildCatalog(
      { partitions, scratch, target, random: systemRandom, nowMs, onProgress },
      without,
    );
    await noteFound(target, place.found, nowMs);
    const fsck = await runFsck(
      { catalog: target, partitions, random: systemRandom, nowMs },
      { onProgress: wishes.onChecked },
    );
    for (const catalog of [before, scratch, target]) await catalog?.close();
    return { report, fsck, aside: putInPlace(config, holdsRows ? nowMs : undefined) };
  } finally {
    rmSync(join(config.data, scratchFolder), { recursive: true, force: true });
    await place.close();
  }
}

/** Blocks lie there, and what was logged of its making is lost. */
async function noteFound(target: Catalog, found: Offline['found'], nowMs: number): Promise<void> {
  for (const { id, made } of found) {
    const [row, usage] = [await target.get(keys.partition(id)), await target.get(keys.usage('partition', id))];
    if (row !== undefined || usage === undefined) continue;
    const value = encodePartition({ duty: 'online', sinceMs: nowMs, made });
    await target.commit({ checks: [], writes: [[keys.partition(id), value]] });
  }
}

/** `asideMs`: what was there before is kept, under this time. */
function putInPlace(config: Config, asideMs: number | undefined): string | undefined {
  const path = (folder: string) => join(config.data, folder);
  let aside: string | undefined;
  if (asideMs === undefined) rmSync(path(catalogFolder), { recursive: true, force: true });
  else {
    aside = `${catalogFolder}.before-${new Date(asideMs).toISOString().replace(/[:.]/g, '-')}`;
    renameSync(path(catalogFolder), path(aside));
  }
  renameSync(path(newFolder), path(catalogFolder));
  return aside;
}
