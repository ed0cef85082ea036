// Port: who carries plans out. What was begun goes on by itself, also after a restart of the pilot; nothing here waits for its end.
import type { SeenPool, Step, UnderWay } from '../placement/placement.ts';

export interface ActResult {
  readonly outcome: 'done' | 'begun' | 'refused';
  readonly because: string;
}

export interface Acts {
  /** Rejects when this process leads no more; whatever else goes wrong is a refusal. */
  carryOut(step: Step): Promise<ActResult>;
  /** Begun and not over. */
  underWay(): readonly UnderWay[];
  /** Of which partitions can be made. */
  pools(): readonly SeenPool[];
}
