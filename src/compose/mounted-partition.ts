// A partition that may not be there yet: mounted at start if it can be, else tried again when somebody wants it, so that one missing disk
// or backend does not keep the others from serving.
import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import type { ByteRange } from '../base/range.ts';
import { secondMs } from '../base/units.ts';
import type { PackId, PartitionId } from '../model/ids.ts';
import type { PackInfo, PackWriter, Partition, PartitionStat, Probe } from '../partition/partition.ts';

const retryMs = 2 * secondMs;

export class MountedPartition implements Partition {
  readonly id: PartitionId;
  readonly #mount: () => Promise<Partition>;
  readonly #clock: Clock;
  #inner: Partition | undefined;
  #mounting: Promise<Partition> | undefined;
  #failure: Error | undefined;
  #nextTryMs = Number.NEGATIVE_INFINITY;

  constructor(id: PartitionId, mount: () => Promise<Partition>, clock: Clock) {
    this.id = id;
    this.#mount = mount;
    this.#clock = clock;
  }

  async mount(): Promise<Partition> {
    if (this.#inner !== undefined) return this.#inner;
    if (this.#failure !== undefined && this.#clock.monotonicMs() < this.#nextTryMs) throw this.#down(this.#failure);
    this.#mounting ??= this.#mount()
      .then((partition) => {
        this.#inner = partition;
        this.#failure = undefined;
        return partition;
      })
      .catch((error: Error) => {
        this.#failure = error;
        this.#nextTryMs = this.#clock.monotonicMs() + retryMs;
        throw this.#down(error);
      })
      .finally(() => {
        this.#mounting = undefined;
      });
    return await this.#mounting;
  }

  async open(pack: PackId, bytesHint?: number): Promise<PackWriter> {
    return await (await this.mount()).open(pack, bytesHint);
  }

  read(pack: PackId, ranges: readonly ByteRange[], signal?: AbortSignal): AsyncIterable<Buffer> {
    return this.#inner?.read(pack, ranges, signal) ?? this.#readOnceMounted(pack, ranges, signal);
  }

  async *#readOnceMounted(pack: PackId, ranges: readonly ByteRange[], signal?: AbortSignal): AsyncIterable<Buffer> {
    yield* (await this.mount()).read(pack, ranges, signal);
  }

  readSmall(pack: PackId, offset: number, length: number, into: Buffer): number {
    return this.#inner?.readSmall?.(pack, offset, length, into) ?? -1;
  }

  async remove(packs: readonly PackId[]): Promise<void> {
    await (await this.mount()).remove(packs);
  }

  async *list(after?: PackId): AsyncIterable<PackInfo> {
    yield* (await this.mount()).list(after);
  }

  async stat(): Promise<PartitionStat> {
    return await (await this.mount()).stat();
  }

  async probe(signal?: AbortSignal): Promise<Probe> {
    try {
      return await (await this.mount()).probe(signal);
    } catch (error) {
      return { ok: false, latencyMs: 0, message: (error as Error).message };
    }
  }

  async close(): Promise<void> {
    await this.#inner?.close();
  }

  #down(error: Error): Fault {
    if (error instanceof Fault) return error;
    return new Fault({ kind: 'partition-down', partition: this.id, message: error.message }, { cause: error });
  }
}
