// A partition that somebody else fills: a bucket that a provider keeps as a copy of another one. It is read, under a name of its own, and nothing
// else: what was written or removed here would part it from what it is a copy of.
import { Fault } from '../../base/fault.ts';
import type { ByteRange } from '../../base/range.ts';
import type { PackId, PartitionId } from '../../model/ids.ts';
import type { PackInfo, PackWriter, Partition, PartitionStat, Probe } from '../partition.ts';

export class ReadOnlyPartition implements Partition {
  readonly id: PartitionId;
  readonly #inner: Partition;

  constructor(id: PartitionId, inner: Partition) {
    this.id = id;
    this.#inner = inner;
  }

  open(): Promise<PackWriter> {
    return Promise.reject(this.#refusal());
  }

  read(pack: PackId, ranges: readonly ByteRange[], signal?: AbortSignal): AsyncIterable<Buffer> {
    return this.#inner.read(pack, ranges, signal);
  }

  remove(): Promise<void> {
    return Promise.reject(this.#refusal());
  }

  list(after?: PackId): AsyncIterable<PackInfo> {
    return this.#inner.list(after);
  }

  stat(): Promise<PartitionStat> {
    return this.#inner.stat();
  }

  probe(signal?: AbortSignal): Promise<Probe> {
    return this.#inner.probe(signal);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #refusal(): Fault {
    return new Fault({ kind: 'partition-down', partition: this.id, message: 'it is a replica, which is only read' });
  }
}
