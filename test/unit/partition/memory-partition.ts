// The smallest partition that keeps the port's promises: what the wrappers are tried on.
import { Fault } from '../../../src/base/fault.ts';
import type { ByteRange } from '../../../src/base/range.ts';
import type { PackInfo, PackWriter, Partition, PartitionStat, Probe } from '../../../src/partition/partition.ts';

export class MemoryPartition implements Partition {
  readonly id = 'm1';
  readonly packs = new Map<string, Buffer>();
  calls: string[] = [];
  chunkBytes = 10;
  closed = false;

  async open(pack: string): Promise<PackWriter> {
    this.calls.push('open');
    const chunks: Uint8Array[] = [];
    const partition = this;
    return {
      pack,
      flushes: true,
      get size() {
        return Buffer.concat(chunks).length;
      },
      append(more) {
        const at = Buffer.concat(chunks).length;
        chunks.push(...more);
        return at;
      },
      ready: async () => undefined,
      async flush() {
        partition.calls.push('flush');
        partition.packs.set(pack, Buffer.concat(chunks));
      },
      async seal() {
        partition.calls.push('seal');
        partition.packs.set(pack, Buffer.concat(chunks));
      },
      async abort() {
        partition.calls.push('abort');
      },
    };
  }

  async *read(pack: string, ranges: readonly ByteRange[], signal?: AbortSignal): AsyncIterable<Buffer> {
    this.calls.push('read');
    const bytes = this.#bytes(pack);
    for (const { start, end } of ranges)
      for (let at = start; at < end; at += this.chunkBytes) {
        signal?.throwIfAborted();
        yield Buffer.from(bytes.subarray(at, Math.min(end, at + this.chunkBytes)));
      }
  }

  readSmall(pack: string, offset: number, length: number, into: Buffer): number {
    return this.#bytes(pack).copy(into, 0, offset, offset + length);
  }

  async remove(packs: readonly string[]): Promise<void> {
    this.calls.push('remove');
    for (const pack of packs) this.packs.delete(pack);
  }

  async *list(after = ''): AsyncIterable<PackInfo> {
    this.calls.push('list');
    for (const pack of [...this.packs.keys()].sort())
      if (pack > after) yield { pack, bytes: this.packs.get(pack)!.length, modifiedMs: 0 };
  }

  async stat(): Promise<PartitionStat> {
    this.calls.push('stat');
    return { usedBytes: 1, freeBytes: 2 };
  }

  async probe(): Promise<Probe> {
    this.calls.push('probe');
    return { ok: true, latencyMs: 3 };
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  #bytes(pack: string): Buffer {
    const bytes = this.packs.get(pack);
    if (!bytes) throw new Fault({ kind: 'pack-missing', partition: this.id, pack });
    return bytes;
  }
}
