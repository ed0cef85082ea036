// Port: one backend bucket (or prefix, or directory) that holds packs. Small on purpose; power is added by wrappers.
import type { ByteRange } from '../base/range.ts';
import type { PackId, PartitionId } from '../model/ids.ts';

export interface PackInfo {
  readonly pack: PackId;
  readonly bytes: number;
  readonly modifiedMs: number;
}

export interface PartitionStat {
  /** Directories: of the whole file system. NaN where the backend does not say short of a full listing. */
  readonly usedBytes: number;
  /** Infinity where the backend does not say. */
  readonly freeBytes: number;
}

export interface Probe {
  readonly ok: boolean;
  readonly latencyMs: number;
  readonly message?: string;
}

/**
 * Writes one new pack. `append` only queues and returns the pack offset of the first byte; nothing is durable before
 * `flush` (directories) or `seal` (S3: one backend PUT) resolves. After any rejection the pack must not be used again.
 */
export interface PackWriter {
  readonly pack: PackId;
  /** Bytes appended so far. */
  readonly size: number;
  /** The chunks belong to the writer until they are durable: they must not be changed meanwhile. */
  append(chunks: readonly Uint8Array[]): number;
  /** Backpressure: resolves when the writer is willing to take more. */
  ready(): Promise<void>;
  /** Makes everything appended so far durable. On S3 only `seal` does: `flush` is then a no-op and `flushes` is false. */
  flush(): Promise<void>;
  readonly flushes: boolean;
  /** Ends the pack durably; no append after. */
  seal(): Promise<void>;
  /** Gives up: the pack's bytes may stay behind and are collected. */
  abort(): Promise<void>;
}

/**
 * Faults: pack-exists (open of an id that exists; S3 finds out at seal), pack-missing, pack-short (past the end, cut pack),
 * partition-busy, partition-down, partition-full.
 */
export interface Partition {
  readonly id: PartitionId;
  /** `bytesHint`: total length when known (S3 streams with it). */
  open(pack: PackId, bytesHint?: number): Promise<PackWriter>;
  /** Bytes of the ranges, in order, in chunks of any size that belong to the caller. An abort throws the signal's reason. */
  read(pack: PackId, ranges: readonly ByteRange[], signal?: AbortSignal): AsyncIterable<Buffer>;
  /**
   * Synchronous read of ≤ 64 KiB from page cache into `into`; returns `length`, or −1 to say "use read" (file not open yet or
   * slow, bytes not there, wrapper with a queue). Directories only.
   */
  readSmall?(pack: PackId, offset: number, length: number, into: Buffer): number;
  /** Removing what is missing is no error. */
  remove(packs: readonly PackId[]): Promise<void>;
  /** Packs in id order, those after `after`. */
  list(after?: PackId): AsyncIterable<PackInfo>;
  stat(): Promise<PartitionStat>;
  probe(signal?: AbortSignal): Promise<Probe>;
  close(): Promise<void>;
}
