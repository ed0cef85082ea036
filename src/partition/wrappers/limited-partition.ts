// Holds a partition, and the capacity domain that it shares, to what the operator grants them: what comes too fast waits its turn, and what
// would wait too long is told to come again (partition-busy), as a provider would answer 503 SlowDown.
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { type ByteRange, rangeLength } from '../../base/range.ts';
import type { PackId, PartitionId } from '../../model/ids.ts';
import type { PackInfo, PackWriter, Partition, PartitionStat, Probe } from '../partition.ts';
import type { Ration, Want } from '../ration.ts';
import { WrappedPackWriter } from './wrapped-pack-writer.ts';

export interface LimitTools {
  /** Its own, and those that it shares with others. */
  readonly rations: readonly Ration[];
  readonly clock: Clock;
  /** Whoever would wait longer is refused. */
  readonly waitMsMax: number;
}

export class LimitedPartition implements Partition {
  readonly #inner: Partition;
  readonly #tools: LimitTools;
  readonly readSmall?: Partition['readSmall'];

  constructor(inner: Partition, tools: LimitTools) {
    this.#inner = inner;
    this.#tools = tools;
    if (inner.readSmall) this.readSmall = (...asked) => this.#readSmall(...asked);
  }

  get id(): PartitionId {
    return this.#inner.id;
  }

  async open(pack: PackId, bytesHint?: number): Promise<PackWriter> {
    const writer = await this.#inner.open(pack, bytesHint);
    return new WrappedPackWriter(writer, (_operation, fresh, work) =>
      this.#inTurn({ kind: 'write', ops: 1, bytes: fresh() }, work),
    );
  }

  async *read(pack: PackId, ranges: readonly ByteRange[], signal?: AbortSignal): AsyncIterable<Buffer> {
    const bytes = ranges.reduce((sum, range) => sum + rangeLength(range), 0);
    const leave = await this.#enter({ kind: 'read', ops: 1, bytes }, signal);
    try {
      yield* this.#inner.read(pack, ranges, signal);
    } finally {
      leave();
    }
  }

  async remove(packs: readonly PackId[]): Promise<void> {
    await this.#inTurn({ kind: 'write', ops: packs.length, bytes: 0 }, () => this.#inner.remove(packs));
  }

  async *list(after?: PackId): AsyncIterable<PackInfo> {
    const leave = await this.#enter({ kind: 'read', ops: 1, bytes: 0 });
    try {
      yield* this.#inner.list(after);
    } finally {
      leave();
    }
  }

  stat(): Promise<PartitionStat> {
    return this.#inner.stat();
  }

  /** Not counted: it asks how things are. */
  probe(signal?: AbortSignal): Promise<Probe> {
    return this.#inner.probe(signal);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** Nobody may wait in a synchronous read. */
  #readSmall(pack: PackId, offset: number, length: number, into: Buffer): number {
    const { rations, clock } = this.#tools;
    const want: Want = { kind: 'read', ops: 1, bytes: length };
    const nowMs = clock.monotonicMs();
    if (rations.some((each) => !each.hasPlace || each.waitMs(want, nowMs) > 0)) return -1;
    const read = this.#inner.readSmall!(pack, offset, length, into);
    if (read >= 0) for (const each of rations) each.charge(want, nowMs);
    return read;
  }

  async #inTurn<T>(want: Want, work: () => Promise<T>): Promise<T> {
    const leave = await this.#enter(want);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  async #enter(want: Want, signal?: AbortSignal): Promise<() => void> {
    const { rations, clock, waitMsMax } = this.#tools;
    const nowMs = clock.monotonicMs();
    const waitMs = Math.max(0, ...rations.map((each) => each.waitMs(want, nowMs)));
    if (waitMs > waitMsMax) throw this.#busy(waitMs);
    for (const each of rations) each.charge(want, nowMs);
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    const entered: Ration[] = [];
    const leave = (): void => {
      for (const each of entered) each.leave();
    };
    try {
      for (const each of rations) {
        await this.#place(each, nowMs + waitMsMax - clock.monotonicMs(), signal);
        entered.push(each);
      }
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  async #place(ration: Ration, waitMsMax: number, signal: AbortSignal | undefined): Promise<void> {
    if (ration.hasPlace) return ration.enter();
    const over = new AbortController();
    let isIn = false;
    let leaveLine: () => void = () => {};
    const turn = new Promise<void>((resolve) => {
      leaveLine = ration.line(() => {
        isIn = true;
        resolve();
      });
    });
    const stop = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
    const late = this.#tools.clock.sleep(Math.max(0, waitMsMax), stop);
    try {
      await Promise.race([turn, late]);
      if (!isIn) throw this.#busy(waitMsMax);
    } catch (error) {
      if (isIn) ration.leave(); // it was let in while it was giving up
      throw error;
    } finally {
      leaveLine();
      late.catch(() => {});
      over.abort();
    }
  }

  #busy(retryAfterMs: number): Fault {
    return new Fault({ kind: 'partition-busy', partition: this.id, retryAfterMs: Math.ceil(retryAfterMs) });
  }
}
