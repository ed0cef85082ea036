// What the sketch of hot blocks tells planners: how a holding's reads lie on its bytes, and which part of a partition's reads echoes could answer.
// Of a block that nobody reads often nothing is known; all such are one flat rest.
import type { Catalog } from '../catalog/catalog.ts';
import { keys } from '../catalog/keys.ts';
import { blockViewOf } from '../catalog/records/block.ts';
import { readsPerSec } from '../echo/echo.ts';
import type { Echo } from '../model/echo.ts';
import type { AreaId, BlockId, PartitionId } from '../model/ids.ts';
import type { Echoed, HeatGroup } from '../placement/placement.ts';
import type { HeatedBlock } from '../telemetry/telemetry.ts';

export interface HotBlock {
  readonly block: BlockId;
  readonly area: AreaId;
  readonly partition: PartitionId;
  readonly bytes: number;
  readonly readsPerSec: number;
}

/** Where the hottest lie, the hottest first; those that are no more are left out. */
export async function findHotBlocks(catalog: Catalog, hottest: readonly HeatedBlock[]): Promise<HotBlock[]> {
  const found: HotBlock[] = [];
  for (const { block, heat } of hottest) {
    const row = await catalog.get(keys.block(block));
    if (row === undefined) continue;
    const { partition, area, length } = blockViewOf(row.value);
    found.push({ block, area, partition, bytes: length, readsPerSec: readsPerSec(heat) });
  }
  return found;
}

/** By area and partition, as one key. */
export const siteOf = (area: AreaId, partition: PartitionId): string => `${area} ${partition}`;

export function bySite(blocks: readonly HotBlock[]): Map<string, HotBlock[]> {
  const sites = new Map<string, HotBlock[]>();
  for (const each of blocks) {
    const site = siteOf(each.area, each.partition);
    const of = sites.get(site);
    if (of === undefined) sites.set(site, [each]);
    else of.push(each);
  }
  return sites;
}

/** So many blocks stand alone; further ones are one group. */
const aloneMax = 8;
const flat: readonly HeatGroup[] = [{ reads: 1, bytes: 1 }];

/** Of a holding: `hot` are its blocks that are known, the hottest first; `reads` (per second) and `bytes` are those of all of it. */
export function heatGroups(hot: readonly HotBlock[], reads: number, bytes: number): readonly HeatGroup[] {
  const hotReads = hot.reduce((sum, each) => sum + each.readsPerSec, 0);
  const hotBytes = hot.reduce((sum, each) => sum + each.bytes, 0);
  if (!(hotReads > 0) || hotBytes === 0) return flat;
  // Counted at other moments: neither sum is less than its parts.
  const allBytes = Math.max(bytes, hotBytes);
  const allReads = allBytes > hotBytes ? Math.max(reads, hotReads) : hotReads;
  const part = (blocks: readonly HotBlock[]): HeatGroup => ({
    reads: blocks.reduce((sum, each) => sum + each.readsPerSec, 0) / allReads,
    bytes: blocks.reduce((sum, each) => sum + each.bytes, 0) / allBytes,
  });
  const groups = hot.slice(0, aloneMax).map((each) => part([each]));
  if (hot.length > aloneMax) groups.push(part(hot.slice(aloneMax)));
  if (allBytes > hotBytes) groups.push({ reads: 1 - hotReads / allReads, bytes: 1 - hotBytes / allBytes });
  return groups;
}

/** Each echo of a block could answer all of its reads. `readsOf`: per second, of each partition. */
export function echoedShares(
  blocks: readonly HotBlock[],
  echoes: ReadonlyMap<BlockId, readonly Echo[]>,
  readsOf: (partition: PartitionId) => number,
): Map<PartitionId, Echoed> {
  const shares = new Map<PartitionId, { reads: number; readonly holders: Map<PartitionId, number> }>();
  for (const { block, partition, readsPerSec: own } of blocks) {
    const ready = (echoes.get(block) ?? []).filter((echo) => echo.state === 'ready' && echo.partition !== partition);
    const all = readsOf(partition);
    if (ready.length === 0 || !(all > 0)) continue;
    const of = shares.get(partition) ?? { reads: 0, holders: new Map<PartitionId, number>() };
    const part = Math.min(1 - of.reads, own / all);
    of.reads += part;
    for (const echo of ready) of.holders.set(echo.partition, (of.holders.get(echo.partition) ?? 0) + part);
    shares.set(partition, of);
  }
  return shares;
}
