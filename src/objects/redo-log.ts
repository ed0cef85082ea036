// Keeps a second record of every commit on the partitions themselves, so that a lost catalog can be rebuilt: newest checkpoint
// plus logs. It stands off the path of an answer: what was committed in the last second may be missing, and only matters if
// the catalog and the power are lost together.

import { caps } from '../base/caps.ts';
import { type Clock, machineUs } from '../base/clock.ts';
import { reached } from '../base/crash-points.ts';
import { type Random, randomId } from '../base/random.ts';
import { MiB, minuteMs, secondMs } from '../base/units.ts';
import type { Change } from '../catalog/catalog.ts';
import type { PartitionId } from '../model/ids.ts';
import { sliceCrcsOf } from '../pack/pack.ts';
import { OpenPack } from './open-pack.ts';
import type { PackLedger } from './pack-ledger.ts';
import type { NewBlock } from './pack-shelf.ts';
import { encodeRedo, type RedoEntry } from './redo-frame.ts';
import type { SeatMap } from './seats.ts';

const flushEveryMs = 1 * secondMs;
/** While no partition takes anything; a try that fails at writing costs the row of a pack. */
const retryMsMax = 1 * minuteMs;
const packAgeMsMax = 5 * minuteMs;
const heldBytesMax = 16 * MiB;
const frameBytesMax = 4 * MiB;

export interface RedoLogDeps {
  readonly partitions: SeatMap;
  readonly ledger: PackLedger;
  readonly clock: Clock;
  readonly random: Random;
  /** The running number of this run: runs.ts. */
  readonly run: number;
}

export interface RedoStatus {
  readonly heldBytes: number;
  /** Commits that no partition took in time: until the next checkpoint a rebuild would miss them. */
  readonly missedCommits: number;
}

interface Copy {
  readonly partition: PartitionId;
  readonly pack: OpenPack;
  readonly openedMs: number;
}

export class RedoLog {
  readonly #deps: RedoLogDeps;
  readonly #stopping = new AbortController();
  #held: RedoEntry[] = [];
  #heldBytes = 0;
  #missedCommits = 0;
  #copies: Copy[] = [];
  #lastStamp = 0;
  #running: Promise<void> | undefined;

  constructor(deps: RedoLogDeps) {
    this.#deps = deps;
  }

  /** Taken before a commit; never twice the same in this process. */
  stamp(): number {
    this.#lastStamp = Math.max(this.#lastStamp + 1, machineUs());
    return this.#lastStamp;
  }

  committed(change: Change, stamp: number): void {
    if (change.writes.length === 0) return;
    this.#held.push({ run: this.#deps.run, stamp, writes: change.writes });
    for (const [key, value] of change.writes) this.#heldBytes += key.length + (value?.length ?? 0) + 6;
    if (this.#heldBytes > heldBytesMax) this.#miss();
    this.#running ??= this.#run();
  }

  status(): RedoStatus {
    return { heldBytes: this.#heldBytes, missedCommits: this.#missedCommits };
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    if (this.#held.length > 0) await this.#write();
    await this.#endCopies(() => true);
  }

  /** Runs while there is something to write, one round a second. */
  async #run(): Promise<void> {
    let pauseMs = flushEveryMs;
    while (this.#held.length > 0 && !this.#stopping.signal.aborted) {
      await this.#deps.clock.sleep(pauseMs, this.#stopping.signal).catch(() => {});
      pauseMs = (await this.#write()) ? flushEveryMs : Math.min(2 * pauseMs, retryMsMax);
      const nowMs = this.#deps.clock.monotonicMs();
      await this.#endCopies((copy) => nowMs - copy.openedMs > packAgeMsMax);
    }
    this.#running = undefined;
  }

  #miss(): void {
    this.#missedCommits += this.#held.length;
    this.#held = [];
    this.#heldBytes = 0;
  }

  /** False: everything is still held. */
  async #write(): Promise<boolean> {
    reached('redo: before writing');
    const entries = this.#held;
    const bytes = this.#heldBytes;
    this.#held = [];
    this.#heldBytes = 0;
    let copies = 0;
    const domains = new Set<string>();
    for (const [partition, seat] of this.#deps.partitions) {
      const domain = seat.failureDomain ?? '';
      if (copies === 2 || domains.has(domain)) continue;
      if (!(await this.#writeTo(partition, entries))) continue;
      domains.add(domain);
      copies += 1;
      reached('redo: one copy written');
    }
    if (copies > 0) return true;
    this.#held = [...entries, ...this.#held];
    this.#heldBytes += bytes;
    if (this.#heldBytes > heldBytesMax) this.#miss();
    return false;
  }

  async #writeTo(partition: PartitionId, entries: readonly RedoEntry[]): Promise<boolean> {
    try {
      for (const frame of this.#framesOf(entries)) {
        const { pack } = await this.#copyOn(partition, frame.length);
        pack.appendLog(frame);
        reached('redo: frame appended');
        if (pack.flushes) await pack.flush();
        else await this.#endCopies((copy) => copy.pack === pack);
      }
      return true;
    } catch {
      await this.#endCopies((copy) => copy.partition === partition).catch(() => {});
      return false; // the next partition takes it; if none does, the entries stay held
    }
  }

  *#framesOf(entries: readonly RedoEntry[]): Generator<NewBlock> {
    let bytes = 0;
    let from = 0;
    for (const [at, { writes }] of entries.entries()) {
      for (const [key, value] of writes) bytes += key.length + (value?.length ?? 0);
      if (bytes < frameBytesMax && at < entries.length - 1) continue;
      const chunks = encodeRedo(entries.slice(from, at + 1));
      const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      yield { id: randomId(this.#deps.random), length, chunks, sliceCrcs: sliceCrcsOf(...chunks) };
      from = at + 1;
      bytes = 0;
    }
  }

  async #copyOn(partition: PartitionId, length: number): Promise<Copy> {
    await this.#endCopies((copy) => copy.partition === partition && copy.pack.sizeWith(length) > caps.packBytesMax);
    const open = this.#copies.find((copy) => copy.partition === partition);
    if (open !== undefined) return open;
    const seat = this.#deps.partitions.get(partition)!;
    const deps = { partition: seat.partition, ledger: this.#deps.ledger, clock: this.#deps.clock };
    const pack = await OpenPack.open(deps, undefined, 'log');
    const copy = { partition, pack, openedMs: this.#deps.clock.monotonicMs() };
    this.#copies.push(copy);
    return copy;
  }

  async #endCopies(which: (copy: Copy) => boolean): Promise<void> {
    const ending = this.#copies.filter(which);
    this.#copies = this.#copies.filter((copy) => !which(copy));
    for (const { pack } of ending) {
      reached('redo: pack ends');
      if (pack.flushes)
        await pack.end().catch(() => {}); // what was flushed stays readable
      else await pack.end();
    }
  }
}
