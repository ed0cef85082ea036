// Tries the idempotent calls again, a bounded number of times, when a partition was busy or not to be reached. Writing is
// not among them: who writes chooses another pack, or another partition.
import type { Clock } from '../../base/clock.ts';
import { isFault } from '../../base/fault.ts';
import type { Random } from '../../base/random.ts';
import { type ByteRange, rangeLength } from '../../base/range.ts';
import type { PackId, PartitionId } from '../../model/ids.ts';
import { backoffMs, pause, type RetryPolicy, readRetries, withRetries } from '../backoff.ts';
import type { PackInfo, PackWriter, Partition, PartitionStat, Probe } from '../partition.ts';

export interface RetryTools {
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  readonly random: Random;
}

export class RetriedPartition implements Partition {
  readonly #inner: Partition;
  readonly #tools: RetryTools;
  readonly #again = readRetries();
  readonly readSmall?: Partition['readSmall'];

  constructor(inner: Partition, tools: RetryTools) {
    this.#inner = inner;
    this.#tools = tools;
    if (inner.readSmall) this.readSmall = inner.readSmall.bind(inner);
  }

  get id(): PartitionId {
    return this.#inner.id;
  }

  open(pack: PackId, bytesHint?: number): Promise<PackWriter> {
    return this.#inner.open(pack, bytesHint);
  }

  /** Goes on behind the bytes that were already given out. */
  async *read(pack: PackId, ranges: readonly ByteRange[], signal?: AbortSignal): AsyncIterable<Buffer> {
    let given = 0;
    const rest = (): AsyncIterable<Buffer> => this.#inner.read(pack, behind(ranges, given), signal);
    for await (const bytes of this.#resumed(rest, signal)) {
      given += bytes.length;
      yield bytes;
    }
  }

  remove(packs: readonly PackId[]): Promise<void> {
    return withRetries(() => this.#inner.remove(packs), worthwhile, this.#tools);
  }

  async *list(after?: PackId): AsyncIterable<PackInfo> {
    let last = after;
    for await (const info of this.#resumed(() => this.#inner.list(last))) {
      last = info.pack;
      yield info;
    }
  }

  stat(): Promise<PartitionStat> {
    return withRetries(() => this.#inner.stat(), worthwhile, this.#tools);
  }

  /** Not tried again: it asks how things are now. */
  probe(signal?: AbortSignal): Promise<Probe> {
    return this.#inner.probe(signal);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** `rest` starts behind what was given; progress renews the right to try again. */
  async *#resumed<T>(rest: () => AsyncIterable<T>, signal?: AbortSignal): AsyncIterable<T> {
    const { policy, clock, random } = this.#tools;
    this.#again.earn();
    for (let retry = 0; ; ) {
      let failure: unknown;
      const items = rest()[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await items.next().catch((error: unknown) => {
            failure = error;
          });
          if (!next) break;
          if (next.done) return;
          retry = 0;
          yield next.value;
        }
      } finally {
        if (failure === undefined) await items.return?.();
      }
      const verdict = worthwhile(failure);
      if (!verdict || retry >= policy.retriesMax || !this.#again.spend()) throw failure;
      await pause(clock, backoffMs(policy, retry++, random, verdict.afterMs), signal);
    }
  }
}

function worthwhile(error: unknown): false | { afterMs?: number } {
  if (isFault(error, 'partition-busy')) return { afterMs: error.fault.retryAfterMs ?? 0 };
  return isFault(error, 'partition-down') && {};
}

function behind(ranges: readonly ByteRange[], bytes: number): ByteRange[] {
  let skip = bytes;
  const rest: ByteRange[] = [];
  for (const range of ranges) {
    const skipped = Math.min(skip, rangeLength(range));
    skip -= skipped;
    if (skipped < rangeLength(range)) rest.push({ start: range.start + skipped, end: range.end });
  }
  return rest;
}
