// Blocks and where they lie. A block is immutable; only its location may change (move, compaction).
import type { AreaId, BlockId, PackId, PartitionId } from './ids.ts';

/** A block as a version or manifest names it. */
export interface BlockRef {
  readonly id: BlockId;
  readonly length: number;
}

export interface Location {
  readonly partition: PartitionId;
  readonly pack: PackId;
  /** Of the block's first byte inside the pack (behind its frame header). */
  readonly offset: number;
  readonly length: number;
}

/** The block's catalog row: its primary location and what is needed to trust its bytes. */
export interface BlockRow extends Location {
  /** CRC32C of each 64 KiB slice, the last one shorter. */
  readonly sliceCrcs: readonly number[];
  readonly area: AreaId;
  /** Raised by every move; a flip is a compare-and-set on it. */
  readonly generation: number;
}
