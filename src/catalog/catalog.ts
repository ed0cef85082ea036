// Port: ordered byte keys with optimistic commits. A story reads, decides, commits with checks, and runs again on conflict.
// No code of ours runs under the engine's lock.

export interface Row {
  readonly key: Buffer;
  readonly value: Buffer;
  /** Changes with every write of the row, also across delete and re-create. */
  readonly version: number;
}

export type Check = readonly [key: Buffer, version: number | 'absent'];
export type Write = readonly [key: Buffer, value: Buffer | undefined]; // undefined removes

export interface Change {
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
}

export interface RangeOptions {
  readonly reverse?: boolean;
  readonly limit: number;
}

type MaybePromise<T> = T | Promise<T>;

/**
 * Keys compare as unsigned bytes and are at most 1,978 bytes long. Every read sees every commit acknowledged before it, in
 * any process. Returned buffers belong to the caller.
 */
export interface Catalog {
  get(key: Buffer): MaybePromise<Row | undefined>;
  /** Rows with from ≤ key < to in key order (or the reverse), at most `limit`. */
  range(from: Buffer, to: Buffer, options: RangeOptions): MaybePromise<Row[]>;
  /** All or nothing, durable when it resolves, linearisable; ≤ 1,000 rows. A refused check writes nothing. */
  commit(change: Change): Promise<'done' | 'conflict'>;
  close(): Promise<void>;
}
