// Port: who carries plans out. What was begun goes on by itself, also after a restart of the pilot; nothing here waits for its end.
import type { AreaId, PartitionId } from '../model/ids.ts';
import type { SeenPool, Step, UnderWay } from '../placement/placement.ts';

export interface ActResult {
  readonly outcome: 'done' | 'begun' | 'refused';
  readonly because: string;
}

/** How far a move has come. */
export interface Moved {
  readonly area: AreaId;
  readonly from: PartitionId;
  readonly bytesMoved: number;
}

export interface Acts {
  /** Rejects when this process leads no more; whatever else goes wrong is a refusal. */
  carryOut(step: Step): Promise<ActResult>;
  /** Begun and not over. */
  underWay(): readonly UnderWay[];
  /** Of moves that are under way. */
  moved(): readonly Moved[];
  /** Of which partitions can be made. */
  pools(): readonly SeenPool[];
}
