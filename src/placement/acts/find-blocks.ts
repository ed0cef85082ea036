// The blocks of an area that lie on a partition, in the order in which they are to move: the hottest first, then the others pack by pack, those
// packs first that hold nothing else. The catalog alone is asked: a source that is overloaded need not say what it holds, and blocks in packs
// that are still being written are found too.
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import type { Catalog } from '../../catalog/catalog.ts';
import { after, idOf, keys, prefixEnd, tag } from '../../catalog/keys.ts';
import { blockViewIf } from '../../catalog/records/block.ts';
import { decodePack } from '../../catalog/records/pack.ts';
import type { AreaId, BlockId, PackId, PartitionId } from '../../model/ids.ts';
import type { HeatedBlock } from '../../telemetry/telemetry.ts';

export interface FoundBlock {
  readonly id: BlockId;
  readonly pack: PackId;
  readonly offset: number;
  readonly length: number;
  /** 0: cold. */
  readonly heat: number;
}

export interface Wanted {
  readonly area: AreaId;
  readonly from: PartitionId;
  /** It is enough when they come to so much. */
  readonly bytes: number;
  readonly isSkipped: (block: FoundBlock) => boolean;
}

const pageRows = 1000;
/** Cold ones that are looked up at once; the next look finds the others. */
const coldMax = 50_000;

export async function findBlocks(
  catalog: Catalog,
  hottest: readonly HeatedBlock[],
  wanted: Wanted,
): Promise<FoundBlock[]> {
  const hot = new Map<BlockId, FoundBlock>();
  const { isSkipped } = wanted;
  let bytes = 0;
  for (const { block: id, heat } of hottest) {
    if (bytes >= wanted.bytes) break;
    const row = await catalog.get(keys.block(id));
    const found = row && viewOf(wanted, row.key, row.value, heat);
    if (found === undefined || isSkipped(found)) continue;
    hot.set(id, found);
    bytes += found.length;
  }
  const cold: FoundBlock[] = [];
  const from = keys.first(tag.block);
  for (let start = from; bytes < wanted.bytes && cold.length < coldMax; await turnOfOthers()) {
    const rows = await catalog.range(start, prefixEnd(from), { limit: pageRows });
    for (const { key, value } of rows) {
      const found = viewOf(wanted, key, value);
      if (found === undefined || hot.has(found.id) || isSkipped(found)) continue;
      cold.push(found);
      bytes += found.length;
      if (bytes >= wanted.bytes) break;
    }
    if (rows.length < pageRows) break;
    start = after(rows.at(-1)!.key);
  }
  return [...hot.values(), ...(await byPack(catalog, cold))];
}

function viewOf({ area, from }: Wanted, key: Buffer, value: Buffer, heat = 0): FoundBlock | undefined {
  const view = blockViewIf(value, from, area);
  return view && { id: idOf(key), pack: view.pack, offset: view.offset, length: view.length, heat };
}

async function byPack(catalog: Catalog, blocks: FoundBlock[]): Promise<FoundBlock[]> {
  const isPure = new Map<PackId, boolean>();
  for (const { pack } of blocks) {
    if (isPure.has(pack)) continue;
    const row = await catalog.get(keys.pack(pack));
    isPure.set(pack, row !== undefined && decodePack(row.value).areaPure !== undefined);
  }
  const rank = ({ pack }: FoundBlock): number => (isPure.get(pack) ? 0 : 1);
  return blocks.sort((a, b) => rank(a) - rank(b) || order(a.pack, b.pack) || a.offset - b.offset);
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
