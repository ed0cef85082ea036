// What clients want, counted by the process that serves them: per area and partition, and per block. A read is counted when its block is
// looked up, before anybody decides which copy answers it; a write when it is placed or refused. Plain sums: the hot path adds five
// numbers, and once a second the sums leave for the counter store.
import type { AreaId, BlockId, PartitionId } from '../model/ids.ts';
import { type HotBlock, HotBlocks } from './hot-blocks.ts';

/** Sums over a span of time, not rates. What is stored is a level and known from the catalog. */
export interface DemandCount {
  readonly area: AreaId;
  /** Where the block lies, or would have gone. */
  readonly partition: PartitionId;
  readonly readOps: number;
  readonly writeOps: number;
  readonly readBytes: number;
  readonly writeBytes: number;
}

type Sums = { -readonly [K in keyof DemandCount]: DemandCount[K] };

export interface DemandRecorder {
  read(area: AreaId, partition: PartitionId, block: BlockId, bytes: number): void;
  /** Refused writes count as well: they are what clients want. */
  write(area: AreaId, partition: PartitionId, bytes: number): void;
}

export class DemandCounter implements DemandRecorder {
  #cells = new Map<AreaId, Map<PartitionId, Sums>>();
  #blocks = new HotBlocks();

  read(area: AreaId, partition: PartitionId, block: BlockId, bytes: number): void {
    const sums = this.#of(area, partition);
    sums.readOps += 1;
    sums.readBytes += bytes;
    this.#blocks.add(block, area);
  }

  write(area: AreaId, partition: PartitionId, bytes: number): void {
    const sums = this.#of(area, partition);
    sums.writeOps += 1;
    sums.writeBytes += bytes;
  }

  /** What was counted since it was last asked. */
  drain(): { readonly demand: readonly DemandCount[]; readonly blocks: readonly HotBlock[] } {
    const demand = [...this.#cells.values()].flatMap((cells) => [...cells.values()]);
    const blocks = this.#blocks.drain();
    this.#cells = new Map();
    return { demand, blocks };
  }

  #of(area: AreaId, partition: PartitionId): Sums {
    const cells = this.#cells.get(area);
    const found = cells?.get(partition);
    if (found !== undefined) return found;
    const sums = { area, partition, readOps: 0, writeOps: 0, readBytes: 0, writeBytes: 0 };
    if (cells === undefined) this.#cells.set(area, new Map([[partition, sums]]));
    else cells.set(partition, sums);
    return sums;
  }
}
