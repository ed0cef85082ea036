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
import { type FlatPrediction, unflatten } from './flat-prediction.ts';
import { type FlatView, flatten, unflattenView } from './flat-view.ts';

/** All that a decision depends on. */
export interface DecisionInput {
  readonly view: View;
  /** Absent: nothing is foreseen. */
  readonly prediction?: FlatPrediction | undefined;
  readonly memory: Memory;
  readonly rules: Rules;
  /** Thresholds or none: `rebalance` levels the fleet, however calm it is. */
  readonly cause: 'tick' | 'asked' | 'rebalance';
}

export function decide({ view, prediction, memory, rules, cause }: DecisionInput): Planned {
  if (cause === 'rebalance') return { plan: levelFleet(view), memory, scores: () => [] };
  const ahead: Prediction | undefined = prediction && unflatten(prediction);
  return planNext(view, ahead, memory, rules);
}

export interface Recorded {
  /** Canonical, in UTF-8. */
  readonly text: Buffer;
  readonly digest: string;
}

/** The order of areas is that of the catalog, always the same. */
export function record({ view, ...input }: DecisionInput): Recorded {
  const text = Buffer.from(toCanonical({ ...input, view: flatten(view) }));
  return { text, digest: digestOf(text) };
}

/** Throws where it is none. */
export function recorded(text: string): DecisionInput {
  const input = fromCanonical(text) as Omit<DecisionInput, 'view'> & { readonly view: FlatView };
  return { ...input, view: unflattenView(input.view) };
}

export const planDigest = (plan: Plan): string => digestOf(toCanonical(plan));

export interface Replayed {
  /** Undefined: this build cannot go by it, since another one recorded it. */
  readonly plan: Plan | undefined;
  /** False: the input is not what it was when it was decided by. */
  readonly isSameInput: boolean;
  readonly isSamePlan: boolean;
}

/** Decides again by what was recorded. */
export function replay(text: string, known: { readonly digest: string; readonly planDigest: string }): Replayed {
  const plan = decidedBy(text);
  const isSamePlan = plan !== undefined && planDigest(plan) === known.planDigest;
  return { plan, isSameInput: digestOf(text) === known.digest, isSamePlan };
}

function decidedBy(text: string): Plan | undefined {
  try {
    return decide(recorded(text)).plan;
  } catch {
    return undefined;
  }
}
