// Carries the blocks of an area from one partition to another, the hottest first, while they are read and written. Each is served from where it was
// until its row names the new place; nothing else is needed for it to be right, so a move may die or stop anywhere and go on later, or never.
import { reached } from '../../base/crash-points.ts';
import { MiB } from '../../base/units.ts';
import type { HeatedBlock } from '../../telemetry/telemetry.ts';
import type { AreaRows } from './area-rows.ts';
import { BlockCarrier, type CarrierDeps } from './block-carrier.ts';
import { type FoundBlock, findBlocks } from './find-blocks.ts';
import { followHomes } from './follow-homes.ts';
import type { MoveJournal } from './move-journal.ts';

export interface MoverDeps extends CarrierDeps {
  readonly areas: AreaRows;
  /** The hottest first; none where nobody counts. */
  readonly hottest: () => Promise<readonly HeatedBlock[]>;
}

/** A second's worth, within bounds: each batch is a pack. */
const batchBytesMin = 1 * MiB;
const batchBytesMax = 16 * MiB;
const batchBlocksMax = 500;
/** Blocks that come, or are moved by others meanwhile, are found by the next look. */
const looksMax = 100;

export class Mover {
  readonly journal: MoveJournal;
  readonly #deps: MoverDeps;
  readonly #carrier: BlockCarrier;
  /** Of what the first look found, and what of it has not been carried. */
  #heat: { readonly all: number; left: number } | undefined;
  readonly #startShare: number;
  /** By the last look, and not carried yet. */
  #foundBytes = 0;

  constructor(deps: MoverDeps, journal: MoveJournal, signal: AbortSignal) {
    this.#deps = deps;
    this.journal = journal;
    this.#carrier = new BlockCarrier(deps, journal, signal);
    this.#startShare = journal.row.readShare * this.#bytesShareLeft;
  }

  /** Not yet there. */
  get bytesLeft(): number {
    const { bytes, bytesMoved } = this.journal.row;
    return Math.max(this.#foundBytes, bytes - bytesMoved, 0);
  }

  /** Part of the area's reads that has not changed hands. */
  get readShareLeft(): number {
    const { all, left } = this.#heat ?? { all: 0, left: 0 };
    return all > 0 ? (this.#startShare * left) / all : this.journal.row.readShare * this.#bytesShareLeft;
  }

  get #bytesShareLeft(): number {
    const { bytesLeft } = this;
    return bytesLeft === 0 ? 0 : bytesLeft / (bytesLeft + this.journal.row.bytesMoved);
  }

  /** Says what was done; rejects when it cannot go on. */
  async run(): Promise<string> {
    let isFollowed = !this.journal.row.isWhole;
    for (let looks = 0; looks < looksMax; looks++) {
      const blocks = await this.#look();
      if (blocks.length === 0 && isFollowed) return this.#said();
      if (blocks.length === 0) {
        reached('move: all moved, homes not');
        await followHomes({ ...this.#deps, commit: (change) => this.journal.commit(change) }, this.journal);
        isFollowed = true; // what was written until now, and by those who did not know yet, is found by the next look
      }
      for (const batch of batchesOf(blocks, this.#batchBytes())) {
        await this.#carrier.carry(batch.map(({ id }) => id));
        this.#foundBytes -= bytesOf(batch);
        if (this.#heat !== undefined) this.#heat.left = Math.max(0, this.#heat.left - heatOf(batch));
        reached('move: batch moved');
      }
    }
    return `${this.#said()}; the rest changes all the time`;
  }

  async #look(): Promise<readonly FoundBlock[]> {
    const { bytes, bytesMoved, isWhole } = this.journal.row;
    const left = isWhole ? Number.POSITIVE_INFINITY : bytes - bytesMoved;
    this.#foundBytes = 0;
    if (left <= 0) return [];
    await this.#carrier.whileMeant();
    const { catalog, hottest } = this.#deps;
    const isSkipped = (block: FoundBlock): boolean => this.#carrier.isSkipped(block);
    const wanted = { ...this.journal.name, bytes: left, isSkipped };
    const blocks = await findBlocks(catalog, await hottest().catch(() => []), wanted);
    this.#foundBytes = bytesOf(blocks);
    const heat = heatOf(blocks);
    this.#heat ??= { all: heat, left: heat };
    if (blocks.length > 0) await this.#carrier.lookForEchoes();
    return blocks;
  }

  #batchBytes(): number {
    return Math.min(batchBytesMax, Math.max(batchBytesMin, this.#deps.bytesPerSec()));
  }

  #said(): string {
    const mib = (bytes: number): string => `${(bytes / MiB).toFixed(1)} MiB`;
    const { promotedBytes, skipped } = this.#carrier;
    const promoted = promotedBytes === 0 ? '' : `, ${mib(promotedBytes)} of it by echoes that lay there`;
    const left = skipped === 0 ? '' : `; ${skipped} blocks could not be read and stay`;
    return `${mib(this.journal.row.bytesMoved)} moved${promoted}${left}`;
  }
}

const heatOf = (blocks: readonly FoundBlock[]): number => blocks.reduce((sum, { heat }) => sum + heat, 0);
const bytesOf = (blocks: readonly FoundBlock[]): number => blocks.reduce((sum, { length }) => sum + length, 0);

/** In order; hot ones and cold ones apart, so that the hot are not kept waiting. */
function* batchesOf(blocks: readonly FoundBlock[], bytesMax: number): Generator<readonly FoundBlock[]> {
  let batch: FoundBlock[] = [];
  let bytes = 0;
  for (const block of blocks) {
    const isOver = bytes + block.length > bytesMax || batch.length >= batchBlocksMax;
    if (batch.length > 0 && (isOver || (batch[0]!.heat > 0 && block.heat === 0))) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(block);
    bytes += block.length;
  }
  if (batch.length > 0) yield batch;
}
