// Placement's door: what to do about a fleet that is, or will be, unevenly loaded. What stands here decides and does nothing; `acts/` carry it out.
//
//   view + prediction + memory → planNext → plan (steps with reasons, refusals) + memory of the next tick
export { levelFleet } from './level-fleet.ts';
export { type Memory, noMemory } from './memory.ts';
export type { Drain, Grow, Move, Plan, Reason, Refusal, ReHome, Retire, SplitArea, Step } from './plan.ts';
export { type Planned, planNext } from './plan-next.ts';
export { type Remedies, type Rules, usualRules } from './rules.ts';
export type { Score } from './score.ts';
export { busyFrom, type EchoLinks, steerReads } from './steer-reads.ts';
export {
  type AreaAhead,
  type Echoed,
  type HeatGroup,
  type Holding,
  type Home,
  type Prediction,
  type QuantileRow,
  quantileLevels,
  type SeenArea,
  type SeenPartition,
  type SeenPool,
  type UnderWay,
  type View,
} from './view.ts';
