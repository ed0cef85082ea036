// One decision as a function of what was seen: what makes it, what it is called by, and making it again.
import {
  levelFleet,
  type Memory,
  type Plan,
  type Planned,
  type Prediction,
  planNext,
  type Rules,
  type View,
} from '../placement/placement.ts';
import { digestOf, fromCanonical, toCanonical } from './canonical.ts';

/** All that a decision depends on. */
export interface DecisionInput {
  readonly view: View;
  /** Absent: nothing is foreseen. */
  readonly prediction?: Prediction | undefined;
  readonly memory: Memory;
  readonly rules: Rules;
  /** Thresholds or none: `rebalance` levels the fleet, however calm it is. */
  readonly cause: 'tick' | 'asked' | 'rebalance';
}

export const decide = ({ view, prediction, memory, rules, cause }: DecisionInput): Planned =>
  cause === 'rebalance' ? { plan: levelFleet(view), memory, scores: [] } : planNext(view, prediction, memory, rules);

export interface Recorded {
  readonly text: string;
  readonly digest: string;
}

export function record(input: DecisionInput): Recorded {
  const text = toCanonical(input);
  return { text, digest: digestOf(text) };
}

export const planDigest = (plan: Plan): string => digestOf(toCanonical(plan));

export interface Replayed {
  readonly plan: Plan;
  /** False: the input is not what it was when it was decided by. */
  readonly isSameInput: boolean;
  readonly isSamePlan: boolean;
}

/** Decides again by what was recorded. */
export function replay(text: string, known: { readonly digest: string; readonly planDigest: string }): Replayed {
  const { plan } = decide(fromCanonical(text) as DecisionInput);
  return { plan, isSameInput: digestOf(text) === known.digest, isSamePlan: planDigest(plan) === known.planDigest };
}
