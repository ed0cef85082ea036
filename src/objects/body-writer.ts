// Cuts one body into blocks while it streams and puts each on a partition. It holds no more than a few blocks, all charged to
// the budget of bytes in flight; when that is short, it cuts the block at hand early so that what it holds can be let go.
import type { ByteBudget, Share } from '../base/budget.ts';
import { caps } from '../base/caps.ts';
import type { Clock } from '../base/clock.ts';
import { reached } from '../base/crash-points.ts';
import { type Random, timedId } from '../base/random.ts';
import { KiB, MiB } from '../base/units.ts';
import type { AreaId, PartitionId } from '../model/ids.ts';
import { BlockDraft } from './block-draft.ts';
import type { NewBlock } from './pack-shelf.ts';
import { type PlaceDeps, placeBlock, type StoredBlock } from './place-block.ts';
import { SenderPace } from './sender-pace.ts';
import type { SlicePool } from './slice-pool.ts';

const chargeBytes = 1 * MiB;
/** What a body is given before its first byte is asked for: so many begin at once as can go on. */
const advanceBytesMax = 1 * MiB;
/** Behind it a body is gathered in slices that are used again. Short ones do not pay for the copy, and slow ones hold less so. */
const gatherAfterBytes = 1 * MiB;
const earlyBytesMin = 64 * KiB;
/** A body is cut early into no more blocks than these, or where its length is not told, into a few for each doubling. */
const earlyCutsMax = 256;
const earlyShareMax = 1 / 16;
const blocksUnderWayMax = 3;

export interface BodyWriterDeps extends PlaceDeps {
  readonly budget: ByteBudget;
  readonly slices: SlicePool;
  readonly random: Random;
  readonly clock: Pick<Clock, 'monotonicMs' | 'wallMs'>;
}

/** Where the block that starts at this offset of the body should go, best first. */
export type Placement = (offset: number) => readonly PartitionId[];

export class BodyWriter {
  readonly #deps: BodyWriterDeps;
  readonly #area: AreaId;
  readonly #placement: Placement;
  readonly #signal: AbortSignal | undefined;
  readonly #blocks: Promise<StoredBlock>[] = [];
  readonly #share: Share;
  readonly #length: number | undefined;
  #advance = 0;
  readonly #pace = new SenderPace();
  #draft = new BlockDraft();
  #size = 0; // of the blocks cut so far
  #underWay = 0;
  #failure: { error: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** `length`: of the whole body, where it is known. */
  constructor(deps: BodyWriterDeps, area: AreaId, placement: Placement, length?: number, signal?: AbortSignal) {
    this.#deps = deps;
    this.#area = area;
    this.#placement = placement;
    this.#length = length;
    this.#signal = signal;
    this.#share = deps.budget.join({ press: () => this.#letGo(), isSilent: () => this.#isSilent() });
  }

  /** Before the first byte is asked for; refused soon where too many are under way. */
  async begin(): Promise<void> {
    const advance = Math.min(this.#length ?? advanceBytesMax, advanceBytesMax);
    await this.#share.take(advance, this.#signal);
    this.#advance = advance;
    this.#pace.asked(this.#deps.clock.monotonicMs());
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#pace.came(chunk.length, this.#deps.clock.monotonicMs());
    for (let at = 0; at < chunk.length; ) {
      this.#assertGoing();
      const piece = chunk.subarray(at, at + Math.min(caps.blockBytesMax - this.#draft.length, chargeBytes));
      const gathers = this.#size + this.#draft.length >= gatherAfterBytes;
      at += gathers ? await this.#gather(piece) : await this.#keep(piece);
      reached('put: first bytes taken');
      if (this.#draft.length >= caps.blockBytesMax) this.#cut();
      while (this.#underWay >= blocksUnderWayMax) await this.#oneEnds();
    }
    this.#pace.asked(this.#deps.clock.monotonicMs());
  }

  /** Resolves when every byte is durable. */
  async finish(): Promise<StoredBlock[]> {
    this.#assertGoing();
    if (this.#draft.length > 0) this.#cut();
    this.#share.end();
    this.#giveAdvance();
    return await Promise.all(this.#blocks);
  }

  /** Nothing of this body will be published. */
  async giveUp(): Promise<void> {
    this.#share.end();
    this.#giveAdvance();
    this.#share.give(this.#draft.charged);
    this.#draft = new BlockDraft();
    for (const block of await Promise.allSettled(this.#blocks)) {
      if (block.status === 'fulfilled') block.value.placed.settle();
    }
  }

  /** What waits for the budget may find another draft behind it: whoever waits longer may have had this one cut. */
  async #keep(piece: Uint8Array): Promise<number> {
    await this.#charge(piece.length);
    this.#draft.keep(piece);
    return piece.length;
  }

  /** As much of it as goes into one slice. */
  async #gather(piece: Uint8Array): Promise<number> {
    if (this.#draft.room === 0) {
      await this.#charge(caps.sliceBytes);
      this.#draft.addSlice(this.#deps.slices.take());
    }
    const taken = piece.subarray(0, this.#draft.room);
    this.#draft.gather(taken);
    return taken.length;
  }

  async #charge(bytes: number): Promise<void> {
    const advanced = Math.min(bytes, this.#advance);
    this.#advance -= advanced;
    this.#draft.charged += advanced;
    if (bytes === advanced) return;
    await this.#share.take(bytes - advanced, this.#signal);
    this.#draft.charged += bytes - advanced;
  }

  #assertGoing(): void {
    this.#signal?.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** True: blocks are on their way out, and with them what they hold. */
  #letGo(): boolean {
    if (this.#isSilent()) this.#giveAdvance();
    if (this.#failure === undefined && this.#draft.length >= this.#earlyBytes()) this.#cut();
    return this.#underWay > 0;
  }

  #isSilent(): boolean {
    return this.#pace.isSilent(this.#deps.clock.monotonicMs());
  }

  #earlyBytes(): number {
    const share = this.#length === undefined ? this.#size * earlyShareMax : this.#length / earlyCutsMax;
    return Math.max(earlyBytesMin, share);
  }

  #giveAdvance(): void {
    const advance = this.#advance;
    this.#advance = 0;
    if (advance > 0) this.#share.give(advance);
  }

  #cut(): void {
    const draft = this.#draft;
    this.#draft = new BlockDraft();
    const offset = this.#size;
    this.#size += draft.length;
    this.#underWay += 1;
    const stored = this.#store(draft, offset).finally(() => {
      this.#share.give(draft.charged);
      this.#underWay -= 1;
      this.#wake?.();
    });
    stored.catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#blocks.push(stored);
  }

  async #store(draft: BlockDraft, offset: number): Promise<StoredBlock> {
    const { slices, random, clock } = this.#deps;
    const block: NewBlock = {
      id: timedId(random, clock.wallMs()),
      length: draft.length,
      chunks: draft.chunks,
      sliceCrcs: draft.sliceCrcs(),
      whenRead: () => slices.give(draft.slices),
    };
    return await placeBlock(this.#deps, block, this.#placement(offset), this.#area);
  }

  #oneEnds(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
