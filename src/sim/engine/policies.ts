// The policies that are compared, declared once (control.md §6). All share mover, echoes and pool; they differ in what they know and may do.
import { type Rules, usualRules } from '../../placement/placement.ts';
import type { PolicyName } from '../scenario-schema.ts';

export interface Policy {
  readonly moves: boolean;
  readonly sees: 'nothing' | 'forecast' | 'truth';
  /** Knows of declared jobs. */
  readonly knowsJobs: boolean;
  readonly echoes: 'none' | 'counted' | 'foreseen';
  readonly remedies: Rules['remedies'];
  /** Where they are not the usual ones. */
  readonly thresholds?: Thresholds;
}

export type Thresholds = Partial<Pick<Rules, 'enter' | 'goal' | 'targetMax' | 'growAbove' | 'elastic'>>;

const ours: Policy = {
  moves: true,
  sees: 'forecast',
  knowsJobs: true,
  echoes: 'foreseen',
  remedies: { reHome: true, move: true, grow: true },
};
const oracle: Policy = { ...ours, sees: 'truth' };
/** Who has nothing but moves and knows the future waits longer and fills fuller: the best of `npm run bench:placement -- --oracle-sweep`. */
const swept = { enter: 1, goal: 0.95, targetMax: 1 };
const reactive: Policy = {
  moves: true,
  sees: 'nothing',
  knowsJobs: false,
  echoes: 'none',
  remedies: { reHome: false, move: true, grow: false },
};

const reactivePlus: Policy = { ...reactive, echoes: 'counted', remedies: { reHome: false, move: true, grow: true } };

export const policies: Readonly<Record<PolicyName, Policy>> = {
  static: { ...reactive, moves: false },
  reactive,
  'reactive+': reactivePlus,
  // The same with more partition-hours: what they buy without foresight.
  'reactive+95': { ...reactivePlus, thresholds: { growAbove: 0.95 } },
  'reactive+90': { ...reactivePlus, thresholds: { growAbove: 0.9 } },
  // It takes partitions and gives them back as ours does, by what is measured alone.
  'reactive+elastic': { ...reactivePlus, thresholds: { elastic: { ...usualRules.elastic, unforeseen: true } } },
  oracle,
  ours,
  'ours-forecast': { ...ours, sees: 'nothing', knowsJobs: false, echoes: 'counted' },
  'ours-echo': { ...ours, echoes: 'none' },
  'ours-split': { ...ours, remedies: { ...ours.remedies, grow: false } },
  'ours-jobs': { ...ours, knowsJobs: false },
  'ours-rehoming': { ...ours, remedies: { ...ours.remedies, reHome: false } },
  'oracle-moves': { ...oracle, thresholds: swept, echoes: 'none', remedies: reactive.remedies },
  'ours-moves': { ...ours, echoes: 'none', remedies: reactive.remedies },
};
