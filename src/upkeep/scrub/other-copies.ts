// Where else a block's bytes may lie: in packs that it was moved from or to. Port and first adapter; echoes will be another.
import type { Location } from '../../model/block.ts';
import type { BlockId } from '../../model/ids.ts';
import { readPackIndex } from '../../objects/read-pack-index.ts';
import type { SeatMap } from '../../objects/seats.ts';

export interface OtherCopies {
  /** Places where each block may lie, the known one among them; nobody has looked at the bytes yet. */
  of(blocks: ReadonlySet<BlockId>): Promise<ReadonlyMap<BlockId, readonly Location[]>>;
}

/** Reads the index of every pack: for when something is lost, not before. */
export class PackCopies implements OtherCopies {
  readonly #partitions: SeatMap;

  constructor(partitions: SeatMap) {
    this.#partitions = partitions;
  }

  async of(blocks: ReadonlySet<BlockId>): Promise<Map<BlockId, Location[]>> {
    const found = new Map<BlockId, Location[]>();
    for (const [id, { partition }] of this.#partitions) {
      try {
        for await (const { pack, bytes } of partition.list()) {
          const contents = await readPackIndex(partition, pack, bytes).catch(() => undefined);
          for (const { id: block, offset, length } of contents?.blocks ?? []) {
            if (!blocks.has(block)) continue;
            const there = found.get(block) ?? [];
            there.push({ partition: id, pack, offset, length });
            found.set(block, there);
          }
        }
      } catch {
        // down: what it holds cannot help now
      }
    }
    return found;
  }
}
