// What somebody who watches a simulation is told.

export interface Watch {
  minute?(row: MinuteRow): void;
  move?(row: MoveRow): void;
}

export interface MinuteRow {
  readonly minute: number;
  readonly partition: string;
  /** In capacities of a partition: asked by clients, and done after echoes, own work included. */
  readonly reads: number;
  readonly writes: number;
  readonly servedReads: number;
  readonly capacity: number;
  /** Predicted for the longest step: median and q90 of reads; absent where nothing is predicted. */
  readonly q50?: number;
  readonly q90?: number;
}

export interface MoveRow {
  readonly minute: number;
  readonly area: string;
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
  readonly cause: string;
  readonly because: string;
}
