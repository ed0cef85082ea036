// The blocks that were read most in one span of time, in bounded memory: the space-saving sketch (Metwally, Agrawal, El Abbadi 2005).
// Whoever was read more often than one in `room` reads is in it; a count is too high by at most `over`.
import type { AreaId, BlockId } from '../model/ids.ts';

export interface HotBlock {
  readonly block: BlockId;
  readonly area: AreaId;
  readonly reads: number;
  /** Of these reads so many at most were another block's. */
  readonly over: number;
}

type Entry = { -readonly [K in keyof HotBlock]: HotBlock[K] };

const room = 512;
/** When it is full, so many of the coldest make place at once: finding the coldest one each time would cost a scan per read. */
const evicted = 64;

export class HotBlocks {
  #entries = new Map<BlockId, Entry>();
  /** What a newcomer may have had before it was seen. */
  #floor = 0;

  add(block: BlockId, area: AreaId): void {
    const found = this.#entries.get(block);
    if (found !== undefined) {
      found.reads += 1;
      return;
    }
    if (this.#entries.size >= room) this.#makePlace();
    this.#entries.set(block, { block, area, reads: this.#floor + 1, over: this.#floor });
  }

  /** Hottest first; begins anew. */
  drain(): HotBlock[] {
    const entries = [...this.#entries.values()].sort((a, b) => b.reads - a.reads);
    this.#entries = new Map();
    this.#floor = 0;
    return entries;
  }

  #makePlace(): void {
    const coldest = [...this.#entries.values()].sort((a, b) => a.reads - b.reads).slice(0, evicted);
    for (const { block } of coldest) this.#entries.delete(block);
    this.#floor = coldest.at(-1)!.reads;
  }
}
