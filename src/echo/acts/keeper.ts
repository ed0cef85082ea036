// Makes echoes where reads miss them: a worker sees that a block is wanted whose partition does not do well, and brings copies of it to others,
// at once and without a tick. Nobody waits for it, and nothing depends on it.
import type { BlockRow } from '../../model/block.ts';
import type { BlockId, PartitionId } from '../../model/ids.ts';
import type { ReadAbout } from '../../objects/block-store.ts';
import { countEchoes, type Wanted, type WantedOf } from '../echo.ts';
import { type MakeDeps, makeEchoes } from './make-echoes.ts';
import { pinnedCount } from './pins.ts';

export interface KeeperDeps extends MakeDeps {
  /** How many more reads each neighbour could take at a moment, about. */
  readonly sparePerNeighbour: () => number;
  /** Until the first bytes of a read come there, usually; NaN: not known. */
  readonly usualMs: (partition: PartitionId) => number;
  /** `echo.count` and `echo.counts`. */
  readonly wanted: WantedOf;
  readonly onFailed: (block: BlockId, error: unknown) => void;
}

interface Missed {
  /** Reads that missed an echo, each halved every `halfLifeMs`. */
  readonly count: number;
  /** Those of them since the last echo was made: one may be enough, and other blocks shall have their first before this one has its second. */
  readonly since: number;
  readonly atMs: number;
}

const halfLifeMs = 1000;
/** So many missed reads of about one second make a block worth a copy. */
const missedMin = 4;
const blocksMax = 512;
const fillsMax = 8;
/** After a failure the same block is left alone for so long. */
const restMs = 2000;
/** What has some echoes and can get no more is not looked at again sooner. */
const enoughMs = 15_000;

export class EchoKeeper {
  readonly #deps: KeeperDeps;
  readonly #missed = new Map<BlockId, Missed>();
  readonly #filling = new Map<BlockId, Promise<void>>();
  readonly #restsUntilMs = new Map<BlockId, number>();
  #isStopped = false;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
  }

  /** A read of the block found its primary in trouble. `echoes`: there are so many that are not busy. */
  missed(block: BlockId, row: BlockRow, about?: Pick<ReadAbout, 'bucket' | 'key'>, echoes = 0): void {
    const wanted = this.#deps.wanted(about?.bucket, about?.key ?? '');
    if (this.#isStopped || echoes >= wanted.count) return;
    const nowMs = this.#deps.clock.monotonicMs();
    if (this.#note(block, nowMs) < missedMin || this.#filling.has(block) || this.#filling.size >= fillsMax) return;
    if ((this.#restsUntilMs.get(block) ?? 0) > nowMs) return;
    this.#restsUntilMs.delete(block);
    const made = this.#make(block, row, wanted)
      .then((count) => {
        if (count === 0) this.#rest(block, echoes === 0 ? restMs : enoughMs);
        else this.#startOver(block);
      })
      .catch((error: unknown) => {
        this.#rest(block, restMs);
        this.#deps.onFailed(block, error);
      })
      .finally(() => this.#filling.delete(block));
    this.#filling.set(block, made);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#filling.values());
  }

  /** What an operator says of a block, or of its keys, is not for a crowd to add to. */
  async #make(block: BlockId, row: BlockRow, { count, rule }: Wanted): Promise<number> {
    const { sparePerNeighbour, usualMs } = this.#deps;
    const pinned = await pinnedCount(this.#deps.read.catalog, block);
    const told = pinned ?? (rule === undefined ? undefined : count);
    // Little's law: as many as come in the time of one.
    const perMs = ((this.#missed.get(block)?.count ?? 0) * Math.LN2) / halfLifeMs;
    const crowd = { readsInFlight: perMs * (usualMs(row.partition) || 0), sparePerNeighbour: sparePerNeighbour() };
    const isPinned = pinned !== undefined;
    const wish = told === undefined ? { count: countEchoes(count, crowd), atOnce: 1 } : { count: told };
    return await makeEchoes(this.#deps, block, row, { ...wish, isPinned });
  }

  #rest(block: BlockId, ms: number): void {
    if (this.#restsUntilMs.size >= blocksMax) this.#restsUntilMs.clear();
    this.#restsUntilMs.set(block, this.#deps.clock.monotonicMs() + ms);
  }

  #note(block: BlockId, nowMs: number): number {
    const { count, since, atMs } = this.#missed.get(block) ?? { count: 0, since: 0, atMs: nowMs };
    const left = 2 ** ((atMs - nowMs) / halfLifeMs);
    const missed = { count: 1 + left * count, since: 1 + left * since, atMs: nowMs };
    this.#missed.delete(block); // the order of the map is that of the last miss
    this.#missed.set(block, missed);
    if (this.#missed.size > blocksMax) this.#missed.delete(this.#missed.keys().next().value!);
    return missed.since;
  }

  #startOver(block: BlockId): void {
    const known = this.#missed.get(block);
    if (known !== undefined) this.#missed.set(block, { ...known, since: 0 });
  }
}
