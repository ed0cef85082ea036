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
import { RedoDraft } from './redo-frame.ts';
import { isOnline, onlineFirst, type SeatMap } from './seats.ts';

const flushEveryMs = 1 * secondMs;
/** While no partition takes anything; a try that fails at writing costs the row of a pack. */
const retryMsMax = 1 * minuteMs;
const packAgeMsMax = 5 * minuteMs;
const heldBytesMax = 16 * MiB;

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
  #held: RedoDraft[] = [];
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
    let draft = this.#held.at(-1);
    if (draft === undefined || draft.isFull) {
      draft = new RedoDraft();
      this.#held.push(draft);
    }
    draft.add({ run: this.#deps.run, stamp, writes: change.writes });
    this.#missExcess();
    this.#running ??= this.#run();
  }

  status(): RedoStatus {
    return { heldBytes: bytesOf(this.#held), missedCommits: this.#missedCommits };
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    while (this.#running !== undefined) await this.#running;
    if (this.#held.length > 0) await this.#write();
    await this.#endCopies(() => true);
  }

  /** Now and then: nothing stays open on partitions that take nothing new any more. */
  tidy(): void {
    if (this.#running !== undefined || !this.#copies.some((copy) => this.#isLeft(copy))) return;
    this.#running = this.#endCopies((copy) => this.#isLeft(copy))
      .catch(() => {}) // its pack stays as it is
      .then(() => this.#run());
  }

  #isLeft({ partition }: Copy): boolean {
    const seat = this.#deps.partitions.get(partition);
    return seat === undefined || (!isOnline(seat) && [...this.#deps.partitions.values()].some(isOnline));
  }

  /** Runs while there is something to write, one round a second. */
  async #run(): Promise<void> {
    let pauseMs = flushEveryMs;
    while (this.#held.length > 0 && !this.#stopping.signal.aborted) {
      await this.#deps.clock.sleep(pauseMs, this.#stopping.signal).catch(() => {});
      pauseMs = (await this.#write()) ? flushEveryMs : Math.min(2 * pauseMs, retryMsMax);
      const nowMs = this.#deps.clock.monotonicMs();
      await this.#endCopies((copy) => nowMs - copy.openedMs > packAgeMsMax || this.#isLeft(copy));
    }
    this.#running = undefined;
  }

  #missExcess(): void {
    if (bytesOf(this.#held) <= heldBytesMax) return;
    for (const draft of this.#held) this.#missedCommits += draft.count;
    this.#held = [];
  }

  /** False: everything is still held. */
  async #write(): Promise<boolean> {
    reached('redo: before writing');
    const drafts = this.#held;
    this.#held = [];
    let copies = 0;
    const domains = new Set<string>();
    for (const [partition, seat] of onlineFirst(this.#deps.partitions)) {
      if (copies > 0 && !isOnline(seat)) continue;
      const domain = seat.failureDomain ?? '';
      if (copies === 2 || domains.has(domain)) continue;
      if (!(await this.#writeTo(partition, drafts))) continue;
      domains.add(domain);
      copies += 1;
      reached('redo: one copy written');
    }
    if (copies > 0) return true;
    this.#held = [...drafts, ...this.#held];
    this.#missExcess();
    return false;
  }

  async #writeTo(partition: PartitionId, drafts: readonly RedoDraft[]): Promise<boolean> {
    try {
      for (const draft of drafts) {
        const frame = this.#frameOf(draft);
        const { pack } = await this.#copyOn(partition, frame.length);
        pack.appendLog(frame);
        reached('redo: frame appended');
        if (pack.flushes) await pack.flush();
        else await this.#endCopies((copy) => copy.pack === pack);
      }
      return true;
    } catch {
      await this.#endCopies((copy) => copy.partition === partition).catch(() => {});
      return false; // the next partition takes it; if none does, all stays held
    }
  }

  #frameOf(draft: RedoDraft): NewBlock {
    const chunks = draft.payload();
    return { id: randomId(this.#deps.random), length: draft.bytes, chunks, sliceCrcs: sliceCrcsOf(...chunks) };
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

const bytesOf = (drafts: readonly RedoDraft[]): number => drafts.reduce((sum, { bytes }) => sum + bytes, 0);
