// Points a block's row at another copy of its bytes, once they were read there and found right. The copy's pack is rewritten as
// sealed in the same commit, so that nobody who meanwhile judged it empty can still let it go.
import { type Random, randomId } from '../../base/random.ts';
import type { Catalog, Change } from '../../catalog/catalog.ts';
import { keys } from '../../catalog/keys.ts';
import { decodeBlock, encodeBlock } from '../../catalog/records/block.ts';
import { encodeDelta } from '../../catalog/records/delta.ts';
import { decodePack, encodePack, type PackRow } from '../../catalog/records/pack.ts';
import type { Location } from '../../model/block.ts';
import type { BlockId } from '../../model/ids.ts';
import { packedBytes } from '../../objects/packed-bytes.ts';
import type { SeatMap } from '../../objects/seats.ts';
import { damageOf } from './verify-block.ts';

export interface MendDeps {
  readonly catalog: Catalog;
  readonly commit: (change: Change) => Promise<'done' | 'conflict'>;
  readonly partitions: SeatMap;
  readonly random: Random;
  readonly nowMs: () => number;
}

/** Where the block lies now, if one of the copies is good. */
export async function mendBlock(
  deps: MendDeps,
  id: BlockId,
  copies: readonly Location[],
): Promise<Location | undefined> {
  const { catalog, partitions, random } = deps;
  const key = keys.block(id);
  const row = await catalog.get(key);
  if (row === undefined) return undefined;
  const block = decodeBlock(row.value);
  for (const copy of copies) {
    const isHere = copy.pack === block.pack && copy.offset === block.offset;
    if (isHere || copy.length !== block.length) continue;
    const there = { ...block, ...copy };
    if ((await damageOf(partitions, id, there)) !== undefined) continue;
    const packKey = keys.pack(copy.pack);
    const packRow = await catalog.get(packKey);
    const pack = packRow === undefined ? unknownPack(copy, deps.nowMs()) : decodePack(packRow.value);
    if (pack.state === 'reserved') continue; // its writer still has it
    const bytes = packedBytes(block.length);
    const packs = [
      [block.pack, -bytes],
      [copy.pack, bytes],
    ] as const;
    const change: Change = {
      checks: [
        [key, row.version],
        [packKey, packRow?.version ?? 'absent'],
      ],
      writes: [
        [key, encodeBlock({ ...there, generation: block.generation + 1 })],
        [packKey, encodePack({ ...pack, state: 'sealed' })],
        [keys.delta(randomId(random), 1), encodeDelta({ packs, areas: [], buckets: [] })],
      ],
    };
    if ((await deps.commit(change)) === 'done') return copy;
  }
  return undefined;
}

const unknownPack = ({ partition }: Location, changedMs: number): PackRow => ({
  partition,
  state: 'sealed',
  holds: 'blocks',
  session: '0'.repeat(32),
  bytes: 0,
  changedMs,
});
