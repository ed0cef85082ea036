// The catalog is opened by one process at a time, while none commits: LMDB demands it (catalog/adapters/lmdb-mount.ts). The supervisor
// holds the write lock for that moment: a child that dies or stands still in it takes nothing with it.
import type { Clock } from '../base/clock.ts';
import { secondMs } from '../base/units.ts';

export interface Entrant {
  readonly hasEnded: boolean;
  lastFailure: string | undefined;
  /** Gives the word; resolves when it has opened the catalog, or ended. */
  letOpen(): Promise<void>;
  kill(): void;
}

export interface DoorwayOptions {
  /** Opens the catalog for this process, ahead of all others; called again after a failure. */
  readonly open: () => Promise<CommitBarrier>;
  readonly clock: Pick<Clock, 'sleep'>;
}

/** As the LMDB catalog does it. */
export interface CommitBarrier {
  withoutCommits(act: () => Promise<void>): Promise<void>;
}

/** All commits wait meanwhile. */
const openMsMax = 10 * secondMs;

export class Doorway {
  readonly #options: DoorwayOptions;
  #barrier: Promise<CommitBarrier> | undefined;

  constructor(options: DoorwayOptions) {
    this.#options = options;
  }

  /** Resolves when it is through, or ended. */
  async admit(entrant: Entrant): Promise<void> {
    try {
      const barrier = await this.#opened();
      await barrier.withoutCommits(() => this.#pass(entrant));
    } catch (error) {
      entrant.lastFailure = (error as Error).message;
      entrant.kill();
    }
  }

  async #opened(): Promise<CommitBarrier> {
    this.#barrier ??= this.#options.open();
    try {
      return await this.#barrier;
    } catch (error) {
      // Nobody is through yet, so it may be tried again.
      this.#barrier = undefined;
      throw error;
    }
  }

  async #pass(entrant: Entrant): Promise<void> {
    if (entrant.hasEnded) return;
    const late = new AbortController();
    this.#options.clock.sleep(openMsMax, late.signal).then(
      () => {
        entrant.lastFailure = `the catalog not opened within ${openMsMax / secondMs} s`;
        entrant.kill();
      },
      () => {},
    );
    await entrant.letOpen();
    late.abort();
  }
}
