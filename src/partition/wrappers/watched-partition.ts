// Keeps the health of a partition: counts what is under way, times first bytes, and stops asking one that is down until a probe of its own
// finds it again. Then whoever asks is told at once, and nobody waits for what will not come.
import type { Clock } from '../../base/clock.ts';
import { Fault, isFault } from '../../base/fault.ts';
import type { ByteRange } from '../../base/range.ts';
import type { PackId, PartitionId } from '../../model/ids.ts';
import type { Outcome, PartitionHealth } from '../health.ts';
import type { PackInfo, PackWriter, Partition, PartitionStat, Probe } from '../partition.ts';
import { WrappedPackWriter } from './wrapped-pack-writer.ts';

/** Between probes of a partition that is down. */
const probeEveryMs = 1000;
const probeMsMax = 5000;

export class WatchedPartition implements Partition {
  readonly #inner: Partition;
  readonly #health: PartitionHealth;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #probing: Promise<void> | undefined;
  readonly readSmall?: Partition['readSmall'];

  constructor(inner: Partition, health: PartitionHealth, clock: Clock) {
    this.#inner = inner;
    this.#health = health;
    this.#clock = clock;
    if (inner.readSmall) this.readSmall = inner.readSmall.bind(inner);
  }

  get id(): PartitionId {
    return this.#inner.id;
  }

  async open(pack: PackId, bytesHint?: number): Promise<PackWriter> {
    const writer = await this.#watched(() => this.#inner.open(pack, bytesHint));
    return new WrappedPackWriter(writer, (_operation, _fresh, work) => this.#watched(work));
  }

  async *read(pack: PackId, ranges: readonly ByteRange[], signal?: AbortSignal): AsyncIterable<Buffer> {
    this.#assertThere();
    this.#health.begin();
    const startMs = this.#clock.monotonicMs();
    let isFirst = true;
    try {
      for await (const bytes of this.#inner.read(pack, ranges, signal)) {
        if (isFirst) {
          const nowMs = this.#clock.monotonicMs();
          this.#health.note('good', nowMs, nowMs - startMs);
        }
        isFirst = false;
        yield bytes;
      }
    } catch (error) {
      this.#noteFailure(error);
      throw error;
    } finally {
      this.#health.end();
    }
  }

  remove(packs: readonly PackId[]): Promise<void> {
    return this.#watched(() => this.#inner.remove(packs));
  }

  async *list(after?: PackId): AsyncIterable<PackInfo> {
    this.#assertThere();
    try {
      yield* this.#inner.list(after);
    } catch (error) {
      this.#noteFailure(error);
      throw error;
    }
  }

  stat(): Promise<PartitionStat> {
    return this.#watched(() => this.#inner.stat());
  }

  async probe(signal?: AbortSignal): Promise<Probe> {
    const probe = await this.#inner.probe(signal);
    if (probe.ok && this.#health.state === 'down') this.#health.recovered();
    return probe;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#probing;
    await this.#inner.close();
  }

  async #watched<T>(work: () => Promise<T>): Promise<T> {
    this.#assertThere();
    this.#health.begin();
    try {
      const result = await work();
      this.#health.note('good', this.#clock.monotonicMs());
      return result;
    } catch (error) {
      this.#noteFailure(error);
      throw error;
    } finally {
      this.#health.end();
    }
  }

  #assertThere(): void {
    if (this.#health.state !== 'down') return;
    throw new Fault({ kind: 'partition-down', partition: this.id, message: 'it did not answer of late' });
  }

  #noteFailure(error: unknown): void {
    const outcome = outcomeOf(error);
    if (outcome === undefined) return;
    this.#health.note(outcome, this.#clock.monotonicMs());
    if (this.#health.state === 'down' && !this.#closing.signal.aborted) this.#probing ??= this.#probe();
  }

  async #probe(): Promise<void> {
    const { signal } = this.#closing;
    while (this.#health.state === 'down' && !signal.aborted) {
      await this.#clock.sleep(probeEveryMs, signal).catch(() => {});
      if (signal.aborted) break;
      const late = new AbortController();
      const stop = AbortSignal.any([signal, late.signal]);
      const timer = this.#clock.sleep(probeMsMax, stop).then(
        () => late.abort(),
        () => {},
      );
      await this.probe(stop).catch(() => {});
      late.abort();
      await timer;
    }
    this.#probing = undefined;
  }
}

/** Undefined: says nothing of the partition (an abort, a pack that is not there). */
function outcomeOf(error: unknown): Outcome | undefined {
  if (isFault(error, 'partition-busy')) return 'busy';
  return isFault(error, 'partition-down') ? 'failed' : undefined;
}
