// Puts one block on the first partition that takes it.
import { reached } from '../base/crash-points.ts';
import { Fault } from '../base/fault.ts';
import type { BlockRow } from '../model/block.ts';
import type { AreaId, BlockId, PartitionId } from '../model/ids.ts';
import type { NewBlock, PackShelf, PlacedBlock } from './pack-shelf.ts';
import type { Seats } from './seats.ts';

export interface PlaceDeps {
  readonly seats: Seats;
  readonly shelf: (partition: PartitionId) => PackShelf;
}

export interface StoredBlock {
  readonly id: BlockId;
  readonly row: BlockRow;
  readonly placed: PlacedBlock;
}

/** `wanted`: best first. Resolves when the block is durable; rejects with the first failure when nobody took it. */
export async function placeBlock(
  { seats, shelf }: PlaceDeps,
  block: NewBlock,
  wanted: readonly PartitionId[],
  area: AreaId,
): Promise<StoredBlock> {
  let asked = block;
  let firstError: unknown;
  for (const partition of seats.willing(wanted)) {
    try {
      const placed = await shelf(partition).put(asked);
      reached('put: one block durable');
      seats.added(partition, block.length);
      const { pack, offset, length } = placed.location;
      const row: BlockRow = { partition, pack, offset, length, sliceCrcs: block.sliceCrcs, area, generation: 0 };
      return { id: block.id, row, placed };
    } catch (error) {
      firstError ??= error;
      if (!seats.failed(partition, error)) break;
      const { whenRead: _, ...kept } = block; // a partition that failed may still be at it
      asked = kept;
    }
  }
  throw firstError ?? new Fault({ kind: 'partition-down', partition: '*', message: 'no partition is online' });
}
