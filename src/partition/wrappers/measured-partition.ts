// Counts and times what a partition does, as its caller sees it; tells a recorder, knows no metrics library.
import type { Clock } from '../../base/clock.ts';
import { Fault, type FaultKind } from '../../base/fault.ts';
import type { ByteRange } from '../../base/range.ts';
import type { PackId, PartitionId } from '../../model/ids.ts';
import type { PackInfo, PackWriter, Partition, PartitionStat, Probe } from '../partition.ts';
import { WrappedPackWriter } from './wrapped-pack-writer.ts';

export type PartitionOperation =
  | 'open'
  | 'flush'
  | 'seal'
  | 'read'
  | 'read-small'
  | 'remove'
  | 'list'
  | 'stat'
  | 'probe';

export interface PartitionSample {
  readonly partition: PartitionId;
  readonly operation: PartitionOperation;
  /** Spent in the partition; the time that a reader takes for its bytes is not counted. */
  readonly tookMs: number;
  /** Read or made durable; packs for `remove` and `list`. */
  readonly amount: number;
  /** `other`: something that is no house fault, an abort for one. */
  readonly failure?: FaultKind | 'other' | undefined;
}

export interface PartitionRecorder {
  note(sample: PartitionSample): void;
}

export class MeasuredPartition implements Partition {
  readonly #inner: Partition;
  readonly #recorder: PartitionRecorder;
  readonly #clock: Clock;
  readonly readSmall?: Partition['readSmall'];

  constructor(inner: Partition, recorder: PartitionRecorder, clock: Clock) {
    this.#inner = inner;
    this.#recorder = recorder;
    this.#clock = clock;
    if (inner.readSmall) this.readSmall = (...asked) => this.#readSmall(...asked);
  }

  get id(): PartitionId {
    return this.#inner.id;
  }

  async open(pack: PackId, bytesHint?: number): Promise<PackWriter> {
    const writer = await this.#timed(
      'open',
      () => 0,
      () => this.#inner.open(pack, bytesHint),
    );
    return new WrappedPackWriter(writer, (operation, fresh, work) => this.#timed(operation, fresh, work));
  }

  read(pack: PackId, ranges: readonly ByteRange[], signal?: AbortSignal): AsyncIterable<Buffer> {
    return this.#counted('read', this.#inner.read(pack, ranges, signal), (bytes) => bytes.length);
  }

  async remove(packs: readonly PackId[]): Promise<void> {
    await this.#timed(
      'remove',
      () => packs.length,
      () => this.#inner.remove(packs),
    );
  }

  list(after?: PackId): AsyncIterable<PackInfo> {
    return this.#counted('list', this.#inner.list(after), () => 1);
  }

  stat(): Promise<PartitionStat> {
    return this.#timed(
      'stat',
      () => 0,
      () => this.#inner.stat(),
    );
  }

  async probe(signal?: AbortSignal): Promise<Probe> {
    const probe = await this.#inner.probe(signal);
    const { ok, latencyMs: tookMs } = probe;
    this.#note('probe', tookMs, 0, ok ? undefined : 'partition-down');
    return probe;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #readSmall(pack: PackId, offset: number, length: number, into: Buffer): number {
    const startMs = this.#clock.monotonicMs();
    const read = this.#inner.readSmall!(pack, offset, length, into);
    if (read >= 0) this.#note('read-small', this.#clock.monotonicMs() - startMs, read);
    return read;
  }

  async #timed<T>(operation: PartitionOperation, amount: () => number, work: () => Promise<T>): Promise<T> {
    const startMs = this.#clock.monotonicMs();
    try {
      const result = await work();
      this.#note(operation, this.#clock.monotonicMs() - startMs, amount());
      return result;
    } catch (error) {
      this.#note(operation, this.#clock.monotonicMs() - startMs, 0, failureOf(error));
      throw error;
    }
  }

  async *#counted<T>(
    operation: PartitionOperation,
    items: AsyncIterable<T>,
    weigh: (item: T) => number,
  ): AsyncIterable<T> {
    let amount = 0;
    let tookMs = 0;
    let failure: PartitionSample['failure'];
    let startMs = this.#clock.monotonicMs();
    try {
      for await (const item of items) {
        tookMs += this.#clock.monotonicMs() - startMs;
        amount += weigh(item);
        yield item;
        startMs = this.#clock.monotonicMs();
      }
      tookMs += this.#clock.monotonicMs() - startMs;
    } catch (error) {
      tookMs += this.#clock.monotonicMs() - startMs;
      failure = failureOf(error);
      throw error;
    } finally {
      this.#note(operation, tookMs, amount, failure);
    }
  }

  #note(operation: PartitionOperation, tookMs: number, amount: number, failure?: PartitionSample['failure']): void {
    this.#recorder.note({ partition: this.id, operation, tookMs, amount, failure });
  }
}

const failureOf = (error: unknown): FaultKind | 'other' => (error instanceof Fault ? error.fault.kind : 'other');
