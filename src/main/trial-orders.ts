// What a trial (test/chaos) may ask of a server by the environment and nobody else may by a setting: to die at a named point, to move areas
// that no plan names, to count demand by a hurried clock, to do upkeep in a hurry. A start that is under such orders says so.
import type { Hurry } from '../base/clock.ts';
import type { Rules } from '../placement/placement.ts';

export interface TrialOrders {
  /** A file that a trial writes when some process shall die, and what it holds: compose/arm-crash-points.ts. */
  readonly crashFile?: string;
  /** A file that a trial writes when the pilot shall carry steps out, and what it holds: compose/trial-steps.ts. */
  readonly stepsFile?: string;
  /** Demand is counted and forecast by this clock. */
  readonly demandClock?: Hurry;
  /** Instead of the pilot's usual ones, so that a calm day is over in minutes; its seconds are those of `demandClock`. */
  readonly rules?: Partial<Rules>;
  /** Instead of the defaults of upkeep/upkeep.ts. */
  readonly upkeep?: Readonly<Record<string, number>>;
}

export function readTrialOrders(env: NodeJS.ProcessEnv): TrialOrders | undefined {
  const text = env.ECHOGATE_TRIAL;
  return text === undefined || text === '' ? undefined : (JSON.parse(text) as TrialOrders);
}
