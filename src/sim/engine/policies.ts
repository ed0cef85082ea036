// The policies that are compared, declared once (control.md §6). All share mover, echoes and pool; they differ in what they know and may do.
import type { Rules } from '../../placement/placement.ts';
import type { PolicyName } from '../scenario-schema.ts';

export interface Policy {
  readonly moves: boolean;
  readonly sees: 'nothing' | 'forecast' | 'truth';
  /** Knows of declared jobs. */
  readonly knowsJobs: boolean;
  readonly echoes: 'none' | 'counted' | 'foreseen';
  readonly remedies: Rules['remedies'];
}

const ours: Policy = {
  moves: true,
  sees: 'forecast',
  knowsJobs: true,
  echoes: 'foreseen',
  remedies: { reHome: true, move: true, grow: true },
};
const reactive: Policy = {
  moves: true,
  sees: 'nothing',
  knowsJobs: false,
  echoes: 'none',
  remedies: { reHome: false, move: true, grow: false },
};

export const policies: Readonly<Record<PolicyName, Policy>> = {
  static: { ...reactive, moves: false },
  reactive,
  'reactive+': { ...reactive, echoes: 'counted', remedies: { reHome: false, move: true, grow: true } },
  oracle: { ...ours, sees: 'truth' },
  ours,
  'ours-forecast': { ...ours, sees: 'nothing', knowsJobs: false, echoes: 'counted' },
  'ours-echo': { ...ours, echoes: 'none' },
  'ours-split': { ...ours, remedies: { ...ours.remedies, grow: false } },
  'ours-jobs': { ...ours, knowsJobs: false },
  'ours-rehoming': { ...ours, remedies: { ...ours.remedies, reHome: false } },
  'oracle-moves': { ...ours, sees: 'truth', echoes: 'none', remedies: reactive.remedies },
  'ours-moves': { ...ours, echoes: 'none', remedies: reactive.remedies },
};
