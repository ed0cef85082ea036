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
  readonly text: string;
  readonly digest: string;
}

/** Tens of thousands of areas in one piece each: their order is that of the catalog, always the same. */
export function record({ view, ...input }: DecisionInput): Recorded {
  const areas = JSON.stringify([...view.areas]);
  const holdings = JSON.stringify(view.holdings);
  const text = toCanonical({ ...input, view: { ...view, areas, holdings } });
  return { text, digest: digestOf(text) };
}

/** Throws where it is none. */
export function recorded(text: string): DecisionInput {
  const input = fromCanonical(text) as DecisionInput & { readonly view: Record<'areas' | 'holdings', unknown> };
  const { areas, holdings } = input.view;
  return {
    ...input,
    view: { ...input.view, areas: new Map(JSON.parse(String(areas))), holdings: JSON.parse(String(holdings)) },
  };
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
  const { plan } = decide(recorded(text));
  return { plan, isSameInput: digestOf(text) === known.digest, isSamePlan: planDigest(plan) === known.planDigest };
}
