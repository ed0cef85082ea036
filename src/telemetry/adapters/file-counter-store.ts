// CounterStore for the processes of one machine, in plain files: each process adds to its own, whoever reads folds those of all. There is
// no lock that a stopped process could hold, nothing is flushed, and a file in pieces after a power cut costs the lines that are.
import { mkdirSync } from 'node:fs';
import { within } from '../../base/within.ts';
import {
  type BinCounts,
  binOf,
  type CounterBatch,
  type CounterStore,
  type HeatedBlock,
  heatedMax,
  keptSec,
} from '../counter-store.ts';
import { coldScore, heatAt } from '../heat.ts';
import { BinFiles } from './bin-files.ts';
import { lineOf } from './counter-lines.ts';
import { OwnFiles } from './own-files.ts';

/** Whoever adds also tidies now and then, of what is twice as old: without a pilot the files would grow. */
const ownTidyEverySec = 60;

export interface FileCounterStoreOptions {
  /** Rejects when the disk has no room for counters; they wait then. */
  readonly assertRoom?: () => Promise<void>;
}

export class FileCounterStore implements CounterStore {
  readonly #own: OwnFiles;
  readonly #all: BinFiles;
  readonly #assertRoom: () => Promise<void>;
  /** The last addition: the next one waits for it. */
  #adding: Promise<unknown> = Promise.resolve();
  #tidiedSec: number | undefined;
  #isClosed = false;

  /** `path`: a folder, made when it is missing. Throws when it cannot be. */
  static open(path: string, options: FileCounterStoreOptions = {}): FileCounterStore {
    mkdirSync(path, { recursive: true });
    return new FileCounterStore(path, options);
  }

  private constructor(path: string, { assertRoom = async () => {} }: FileCounterStoreOptions) {
    this.#own = new OwnFiles(path);
    this.#all = new BinFiles(path);
    this.#assertRoom = assertRoom;
  }

  async add(batch: CounterBatch): Promise<void> {
    this.#assertOpen();
    let isWanted = true;
    const added = this.#adding.then(async () => {
      await this.#assertRoom();
      // What could not begin in time is not done later either: whoever asked was told that it is not.
      if (isWanted) await this.#own.append(binOf(batch.timeSec), lineOf(batch), () => isWanted);
    });
    this.#adding = added.catch(() => {});
    await within(added, () => {
      isWanted = false;
    });
    this.#tidiedSec ??= batch.timeSec;
    if (Math.abs(batch.timeSec - this.#tidiedSec) < ownTidyEverySec) return;
    this.#tidiedSec = batch.timeSec;
    await this.tidy(batch.timeSec - keptSec).catch(() => {}); // the next minute will do
  }

  async bins(fromSec: number, toSec: number): Promise<readonly BinCounts[]> {
    this.#assertOpen();
    const starts = await this.#all.starts(fromSec, toSec);
    const bins = await Promise.all(starts.map((start) => this.#all.bin(start)));
    return bins.filter((bin) => bin !== undefined);
  }

  async hottest(count: number, nowSec: number): Promise<readonly HeatedBlock[]> {
    this.#assertOpen();
    const coldest = coldScore(nowSec);
    return (await this.#all.blocks())
      .filter(({ score }) => score >= coldest)
      .sort((a, b) => b.score - a.score)
      .slice(0, Math.max(0, Math.min(count, heatedMax)))
      .map(({ block, area, score }) => ({ block, area, heat: heatAt(score, nowSec) }));
  }

  async tidy(nowSec: number): Promise<void> {
    this.#assertOpen();
    const beforeSec = nowSec - keptSec;
    this.#own.forget(beforeSec);
    await within(this.#all.drop(beforeSec));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await within(this.#adding).catch(() => {});
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new Error('the counter store is closed');
  }
}
