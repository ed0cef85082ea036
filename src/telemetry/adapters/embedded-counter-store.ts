// CounterStore for the processes of one machine, over LMDB. Each `add` is one transaction, so that sums of processes that add at once are
// sums. The transaction waits for the write lock in lmdb's own thread: a process that is stopped while it holds the lock costs the others
// their counters, not their event loops.
import type { RootDatabase } from 'lmdb';
import {
  type BinCounts,
  binOf,
  type CounterBatch,
  type CounterStore,
  type HeatedBlock,
  heatedMax,
  keptSec,
} from '../counter-store.ts';
import { sumDemand, sumServed } from '../fold-bins.ts';
import { coldScore, heatAt, scoreOf, sumScores } from '../heat.ts';
import { openEnvironment } from './embedded-environment.ts';
import * as rows from './embedded-rows.ts';
import { within } from './within.ts';

/** Of old bins so many rows go at once: whoever wants the write lock waits for them. */
const droppedMax = 20_000;
/** Whoever adds also tidies now and then, of what is twice as old: without a pilot the file would grow. */
const ownTidyEverySec = 60;

export interface EmbeddedCounterStoreOptions {
  /** Tells one boot of the machine from another; the system's own when it is left out. */
  readonly bootId?: string;
}

export class EmbeddedCounterStore implements CounterStore {
  readonly #db: RootDatabase<rows.Row, Buffer>;
  readonly #pending = new Set<Promise<unknown>>();
  #tidiedSec: number | undefined;
  #isClosed = false;

  /** `path`: a folder, made when it is missing; local filesystems only. Throws when it cannot be opened. */
  static open(path: string, options: EmbeddedCounterStoreOptions = {}): EmbeddedCounterStore {
    return new EmbeddedCounterStore(openEnvironment(path, options.bootId));
  }

  private constructor(db: RootDatabase<rows.Row, Buffer>) {
    this.#db = db;
  }

  async add(batch: CounterBatch): Promise<void> {
    await this.#write(() => this.#addNow(batch));
    this.#tidiedSec ??= batch.timeSec;
    if (Math.abs(batch.timeSec - this.#tidiedSec) < ownTidyEverySec) return;
    this.#tidiedSec = batch.timeSec;
    await this.tidy(batch.timeSec - keptSec);
  }

  async bins(fromSec: number, toSec: number): Promise<readonly BinCounts[]> {
    this.#beginRead();
    const bins = new Map<number, { startSec: number; rows: rows.BinRow[] }>();
    for (const { key, value } of this.#db.getRange(rows.binRange(fromSec, toSec))) {
      const startSec = rows.startOf(key);
      const bin = bins.get(startSec) ?? { startSec, rows: [] };
      bins.set(startSec, bin);
      bin.rows.push(value as rows.BinRow);
    }
    return [...bins.values()].map(({ startSec, rows: all }) => ({
      startSec,
      seconds: Math.max(0, ...all.flatMap((row) => ('seconds' in row ? [row.seconds] : []))),
      demand: all.flatMap((row) => ('demand' in row ? [row.demand] : [])),
      served: all.flatMap((row) => ('served' in row ? [row.served] : [])),
    }));
  }

  async hottest(count: number, nowSec: number): Promise<readonly HeatedBlock[]> {
    this.#beginRead();
    return this.#byHeat()
      .slice(0, Math.max(0, Math.min(count, heatedMax)))
      .map(({ block, area, score }) => ({ block, area, heat: heatAt(score, nowSec) }));
  }

  async tidy(nowSec: number): Promise<void> {
    await this.#write(() => {
      const old = this.#db.getKeys({ ...rows.binRange(0, nowSec - keptSec), limit: droppedMax });
      for (const key of [...old]) this.#db.remove(key);
      const coldest = coldScore(nowSec);
      const gone = this.#byHeat().filter(({ score }, rank) => rank >= heatedMax || score < coldest);
      for (const { block } of gone) this.#db.remove(rows.heatKey(block));
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.allSettled(this.#pending);
    await within(this.#db.close()).catch(() => {});
  }

  #addNow({ process, timeSec, seconds, demand, served, blocks }: CounterBatch): void {
    const start = binOf(timeSec);
    const change = <R extends rows.Row>(key: Buffer, next: (old: R | undefined) => R): void => {
      this.#db.put(key, next(this.#db.get(key) as R | undefined));
    };
    change<{ seconds: number }>(rows.processKey(start, process), (old) => ({ seconds: (old?.seconds ?? 0) + seconds }));
    for (const count of demand) {
      change<{ demand: typeof count }>(rows.demandKey(start, count), (old) => ({
        demand: old === undefined ? count : sumDemand(old.demand, count),
      }));
    }
    for (const count of served) {
      change<{ served: typeof count }>(rows.servedKey(start, count), (old) => ({
        served: old === undefined ? count : sumServed(old.served, count),
      }));
    }
    for (const { block, area, reads } of blocks) {
      if (!(reads > 0)) continue;
      const score = scoreOf(reads, timeSec);
      change<rows.HeatRow>(rows.heatKey(block), (old) => ({
        block,
        area,
        score: old === undefined ? score : sumScores(old.score, score),
      }));
    }
  }

  #byHeat(): rows.HeatRow[] {
    const all = [...this.#db.getRange(rows.heatRange)].map(({ value }) => value as rows.HeatRow);
    return all.sort((a, b) => b.score - a.score);
  }

  /** What could not begin in time is not done later either: whoever asked was told that it is not. */
  async #write(body: () => void): Promise<void> {
    this.#assertOpen();
    let isWanted = true;
    const written = this.#db.transaction(() => {
      if (isWanted) body();
    });
    this.#pending.add(written);
    const done = (): void => void this.#pending.delete(written);
    written.then(done, (error: { commitError?: Promise<unknown> }) => {
      error.commitError?.catch(() => {});
      done();
    });
    await within(written, () => {
      isWanted = false;
    });
  }

  #beginRead(): void {
    this.#assertOpen();
    this.#db.resetReadTxn(); // else what another process added may be missing
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new Error('the counter store is closed');
  }
}
