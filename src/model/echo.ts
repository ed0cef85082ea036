// An echo: a read-only copy of a block on another partition. Never the only copy, never needed for a correct answer, gone at any time.
import type { BlockId, PackId, PartitionId } from './ids.ts';

/**
 * `descriptor`: somebody says that it may be made, or a backend made it by itself; no bytes of ours. `filling`: one worker brings its bytes.
 * `ready`: it may be read.
 */
export type EchoState = 'descriptor' | 'filling' | 'ready';

export interface EchoName {
  readonly block: BlockId;
  readonly partition: PartitionId;
}

export interface Echo extends EchoName {
  readonly state: EchoState;
  /** Bytes of the block. */
  readonly length: number;
  /** When it came into this state, ms of steady time. */
  readonly sinceMs: number;
  /** While it is filling: until then it is the filler's, after that anybody's. */
  readonly untilMs?: number;
  /** Where its bytes lie, once it is ready. */
  readonly place?: { readonly pack: PackId; readonly offset: number };
  /** An operator wants it: it stays however cold it is. */
  readonly isPinned: boolean;
  /** It was made for what is foreseen: however cold it is, it stays until then (ms of steady time). */
  readonly keptUntilMs?: number;
}
