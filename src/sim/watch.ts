// What a run tells while it runs, for those who want more than its figures: minutes of partitions, and moves.

export interface RunWatcher {
  minute(row: MinuteRow): void;
  move(row: MoveRow): void;
}

/** Loads are parts of the partition's capacity. */
export interface MinuteRow {
  readonly minute: number;
  readonly partition: string;
  /** After remedies: what falls on it, its own work included. */
  readonly demand: number;
  readonly served: number;
  /** Predicted for the end of the shortest horizon when the minute began; undefined: nothing was predicted. */
  readonly quantiles: { readonly q50: number; readonly q90: number; readonly q99: number } | undefined;
}

export interface MoveRow {
  readonly area: string;
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
  readonly cause: string;
  readonly startMinute: number;
  /** Undefined: it was not over when the run was. */
  readonly endMinute: number | undefined;
  /** First minute at which the source would have exceeded its capacity without it; undefined: none. */
  readonly crossingMinute: number | undefined;
  readonly verdict: 'early' | 'late' | 'needless';
}
