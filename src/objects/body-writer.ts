// Cuts one body into blocks while it streams and puts each on a partition. It holds no more than a few blocks, all charged to
// the budget of bytes in flight; when that is short, it cuts the block at hand early so that what it holds can be let go.
import type { ByteBudget } from '../base/budget.ts';
import { caps } from '../base/caps.ts';
import { reached } from '../base/crash-points.ts';
import { Fault } from '../base/fault.ts';
import { type Random, randomId } from '../base/random.ts';
import { KiB, MiB } from '../base/units.ts';
import type { BlockRow } from '../model/block.ts';
import type { AreaId, BlockId, PartitionId } from '../model/ids.ts';
import { SliceCrcs } from '../pack/pack.ts';
import type { NewBlock, PackShelf, PlacedBlock } from './pack-shelf.ts';
import type { Seats } from './seats.ts';

const chargeBytes = 1 * MiB;
const earlyBytesMin = 64 * KiB;
/** Bounds the block rows of one body: a commit takes 1,000 rows. */
const earlyCutsMax = 100;
const blocksUnderWayMax = 3;

export interface BodyWriterDeps {
  readonly budget: ByteBudget;
  readonly seats: Seats;
  readonly shelf: (partition: PartitionId) => PackShelf;
  readonly random: Random;
}

export interface StoredBlock {
  readonly id: BlockId;
  readonly row: BlockRow;
  readonly placed: PlacedBlock;
}

/** Where the block that starts at this offset of the body should go, best first. */
export type Placement = (offset: number) => PartitionId[];

export class BodyWriter {
  readonly #deps: BodyWriterDeps;
  readonly #area: AreaId;
  readonly #placement: Placement;
  readonly #signal: AbortSignal | undefined;
  readonly #blocks: Promise<StoredBlock>[] = [];
  readonly #release: () => void;
  #chunks: Uint8Array[] = [];
  #crcs = new SliceCrcs();
  #size = 0; // of the blocks cut so far
  #underWay = 0;
  #earlyCuts = 0;
  #failure: { error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(deps: BodyWriterDeps, area: AreaId, placement: Placement, signal?: AbortSignal) {
    this.#deps = deps;
    this.#area = area;
    this.#placement = placement;
    this.#signal = signal;
    this.#release = deps.budget.hold(() => this.#cutEarly());
  }

  async add(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      this.#assertGoing();
      const room = caps.blockBytesMax - this.#crcs.length;
      const piece = chunk.subarray(at, at + Math.min(room, chargeBytes));
      await this.#deps.budget.take(piece.length, this.#signal);
      reached('put: first bytes taken');
      this.#chunks.push(piece);
      this.#crcs.update(piece);
      at += piece.length;
      if (this.#crcs.length >= caps.blockBytesMax) this.#cut();
      while (this.#underWay >= blocksUnderWayMax) await this.#oneEnds();
    }
  }

  /** Resolves when every byte is durable. */
  async finish(): Promise<StoredBlock[]> {
    this.#assertGoing();
    if (this.#crcs.length > 0) this.#cut();
    this.#release();
    return await Promise.all(this.#blocks);
  }

  /** Nothing of this body will be published. */
  async giveUp(): Promise<void> {
    this.#release();
    this.#deps.budget.give(this.#crcs.length);
    this.#chunks = [];
    this.#crcs = new SliceCrcs();
    for (const block of await Promise.allSettled(this.#blocks)) {
      if (block.status === 'fulfilled') block.value.placed.settle();
    }
  }

  #assertGoing(): void {
    this.#signal?.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #cutEarly(): void {
    if (this.#crcs.length < earlyBytesMin || this.#earlyCuts >= earlyCutsMax || this.#failure !== undefined) return;
    this.#earlyCuts += 1;
    this.#cut();
  }

  #cut(): void {
    const block = {
      id: randomId(this.#deps.random),
      length: this.#crcs.length,
      chunks: this.#chunks,
      sliceCrcs: this.#crcs.finish(),
    };
    this.#chunks = [];
    this.#crcs = new SliceCrcs();
    const offset = this.#size;
    this.#size += block.length;
    this.#underWay += 1;
    const stored = this.#store(block, offset).finally(() => {
      this.#deps.budget.give(block.length);
      this.#underWay -= 1;
      this.#wake?.();
    });
    stored.catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#blocks.push(stored);
  }

  async #store(block: NewBlock, offset: number): Promise<StoredBlock> {
    const { seats, shelf } = this.#deps;
    let firstError: unknown;
    for (const partition of seats.willing(this.#placement(offset))) {
      try {
        const placed = await shelf(partition).put(block);
        reached('put: one block durable');
        seats.added(partition, block.length);
        const row = { ...placed.location, sliceCrcs: block.sliceCrcs, area: this.#area, generation: 0 };
        return { id: block.id, row, placed };
      } catch (error) {
        firstError ??= error;
        if (!seats.failed(partition, error)) break;
      }
    }
    throw firstError ?? new Fault({ kind: 'partition-down', partition: '*', message: 'no partition is online' });
  }

  #oneEnds(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
