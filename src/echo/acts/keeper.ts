// Makes echoes where reads miss them: a worker sees that a block is wanted whose partition does not do well, and brings copies of it to others,
// at once and without a tick. Nobody waits for it, and nothing depends on it.
import type { BlockRow } from '../../model/block.ts';
import type { BlockId, PartitionId } from '../../model/ids.ts';
import { countEchoes } from '../echo.ts';
import { type MakeDeps, makeEchoes } from './make-echoes.ts';

export interface KeeperDeps extends MakeDeps {
  /** How many more reads each neighbour could take at a moment, about. */
  readonly sparePerNeighbour: () => number;
  /** Until the first bytes of a read come there, usually; NaN: not known. */
  readonly usualMs: (partition: PartitionId) => number;
  /** `echo.count`. */
  readonly count: number;
  readonly onFailed: (block: BlockId, error: unknown) => void;
}

interface Missed {
  /** Reads that missed an echo, each halved every `halfLifeMs`. */
  count: number;
  atMs: number;
}

const halfLifeMs = 1000;
/** So many missed reads of about one second make a block worth a copy. */
const missedMin = 4;
const blocksMax = 512;
const fillsMax = 8;
/** After a failure the same block is left alone for so long. */
const restMs = 2000;

export class EchoKeeper {
  readonly #deps: KeeperDeps;
  readonly #missed = new Map<BlockId, Missed>();
  readonly #filling = new Map<BlockId, Promise<void>>();
  readonly #restsUntilMs = new Map<BlockId, number>();
  #isStopped = false;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
  }

  /** A read of the block found its primary in trouble and no echo. */
  missed(block: BlockId, row: BlockRow): void {
    const nowMs = this.#deps.clock.monotonicMs();
    if (this.#isStopped || this.#deps.count <= 0) return;
    if (this.#note(block, nowMs) < missedMin || this.#filling.has(block) || this.#filling.size >= fillsMax) return;
    if ((this.#restsUntilMs.get(block) ?? 0) > nowMs) return;
    this.#restsUntilMs.delete(block);
    const made = this.#make(block, row)
      .catch((error: unknown) => {
        this.#rest(block);
        this.#deps.onFailed(block, error);
      })
      .finally(() => this.#filling.delete(block));
    this.#filling.set(block, made);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#filling.values());
  }

  async #make(block: BlockId, row: BlockRow): Promise<void> {
    const { count, sparePerNeighbour, usualMs } = this.#deps;
    // Little's law: as many as come in the time of one.
    const perMs = ((this.#missed.get(block)?.count ?? 0) * Math.LN2) / halfLifeMs;
    const crowd = { readsInFlight: perMs * (usualMs(row.partition) || 0), sparePerNeighbour: sparePerNeighbour() };
    const made = await makeEchoes(this.#deps, block, row, { count: countEchoes(count, crowd), isPinned: false });
    if (made === 0) this.#rest(block);
  }

  #rest(block: BlockId): void {
    if (this.#restsUntilMs.size >= blocksMax) this.#restsUntilMs.clear();
    this.#restsUntilMs.set(block, this.#deps.clock.monotonicMs() + restMs);
  }

  #note(block: BlockId, nowMs: number): number {
    const known = this.#missed.get(block);
    const count = known === undefined ? 1 : 1 + known.count * 2 ** ((known.atMs - nowMs) / halfLifeMs);
    this.#missed.delete(block); // the order of the map is that of the last miss
    this.#missed.set(block, { count, atMs: nowMs });
    if (this.#missed.size > blocksMax) this.#missed.delete(this.#missed.keys().next().value!);
    return count;
  }
}
