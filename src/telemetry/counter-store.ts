// Port: where the counters of all workers meet. Workers add what they counted each second; whoever plans reads sums of ten-second bins.
// Nothing in it is ever needed for a correct answer to a client: what is lost here is a gap in a series.
import type { AreaId, BlockId, PartitionId } from '../model/ids.ts';
import type { DemandCount } from './demand-counter.ts';

/** Seconds per bin. */
export const binSec = 10;
/** The start of the bin that a time lies in. */
export const binOf = (timeSec: number): number => Math.floor(timeSec / binSec) * binSec;
/** Bins are kept so long: a pilot that was away catches up. */
export const keptSec = 15 * 60;

/** Who asked the partition for it. */
export type Cause = 'client' | 'upkeep' | 'probe';

/** What a partition did, in sums over a span of time. */
export interface ServedCount {
  readonly partition: PartitionId;
  readonly cause: Cause;
  readonly readOps: number;
  readonly writeOps: number;
  readonly readBytes: number;
  readonly writeBytes: number;
  readonly errors: number;
  /** `SlowDown` and the like, among the errors. */
  readonly throttled: number;
  /** Operations by duration: how many ended within each of latency-steps.ts. */
  readonly latency: readonly number[];
}

export interface CounterBatch {
  /** Names the process for its lifetime. */
  readonly process: string;
  /** Any second of the bin that the sums belong to. */
  readonly timeSec: number;
  /** For so many seconds of the bin the process was there to count. */
  readonly seconds: number;
  readonly demand: readonly DemandCount[];
  readonly served: readonly ServedCount[];
  readonly blocks: readonly { readonly block: BlockId; readonly area: AreaId; readonly reads: number }[];
}

export interface BinCounts {
  readonly startSec: number;
  /** Of the bin, watched by the process that watched it longest; a bin that nobody watched is absent: an outage, not a calm. */
  readonly seconds: number;
  readonly demand: readonly DemandCount[];
  readonly served: readonly ServedCount[];
}

export interface HeatedBlock {
  readonly block: BlockId;
  readonly area: AreaId;
  /** Reads, each halved every `heatHalfLifeSec` since. */
  readonly heat: number;
}

export const heatHalfLifeSec = 60;
/** So many blocks are told apart; the others are cold. */
export const heatedMax = 1024;

/** Rejects when the store is away; nobody may wait for it longer than a second. */
export interface CounterStore {
  add(batch: CounterBatch): Promise<void>;
  /** Bins that start in [from, to) and that somebody reported into, in order of time. */
  bins(fromSec: number, toSec: number): Promise<readonly BinCounts[]>;
  /** The hottest first, as of `nowSec`. */
  hottest(count: number, nowSec: number): Promise<readonly HeatedBlock[]>;
  /** Lets go of bins that are older than `keptSec` and of what has grown cold. */
  tidy(nowSec: number): Promise<void>;
  close(): Promise<void>;
}
