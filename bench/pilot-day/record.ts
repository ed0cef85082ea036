// What is written down of a replayed day: all that its report shows, as plain values, so that it can be told again without running it again.

export interface DayRecord {
  readonly measuredOn: string;
  /** Seconds of the trace in one of ours. */
  readonly factor: number;
  /** So many series had boosted trees. */
  readonly trees: number;
  readonly stepSec: number;
  /** Start of the first bin, by the hurried clock. */
  readonly fromSec: number;
  readonly partitions: readonly DayPartition[];
  readonly areas: readonly DayArea[];
  /** Before the first bin, while the forecaster learned: counted in no sum. */
  readonly warmUp: BinRequests;
  readonly bins: readonly DayBin[];
  /** The oldest first; those without steps are only counted. */
  readonly decisions: readonly DayDecision[];
  readonly ticks: number;
  /** Why nothing more was done, the most frequent first. */
  readonly refusals: readonly { readonly why: string; readonly times: number }[];
}

export interface DayPartition {
  readonly id: string;
  readonly domain: string;
  /** Reads per second, as they are sent. */
  readonly capacity: number;
  /** It was made during the day. */
  readonly isMade: boolean;
}

export interface DayArea {
  readonly id: string;
  readonly name: string;
  /** The trace that its reads follow. */
  readonly trace: string;
  /** Where it lay when the day began. */
  readonly home: string;
}

/** Rates are reads per second as they are sent. */
export interface DayBin {
  /** False: the gateway's own counting has a gap here. */
  readonly isWatched: boolean;
  readonly demand: readonly { readonly area: string; readonly partition: string; readonly reads: number }[];
  readonly served: Readonly<Record<string, number>>;
  /** As published before the bin was over. */
  readonly forecast: Readonly<Record<string, Foreseen>>;
  readonly requests: BinRequests;
}

export interface Foreseen {
  readonly q05: number;
  readonly median: number;
  readonly q90: number;
  readonly q95: number;
}

/** Those that ended in the bin. */
export interface BinRequests {
  readonly ended: number;
  readonly failed: number;
  readonly slow: number;
}

export interface DayDecision {
  readonly id: number;
  readonly atSec: number;
  readonly steps: readonly DayStep[];
}

export interface DayStep {
  readonly kind: string;
  readonly area?: string;
  readonly from?: string;
  readonly to?: string;
  readonly what: string;
  readonly because: string;
  readonly outcome: string;
  readonly outcomeBecause: string;
}

/** An answer that took longer. */
export const slowMs = 1000;
