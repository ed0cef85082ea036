// Ticks of a planner, one after the other, for tests.
import {
  type Memory,
  type Move,
  noMemory,
  type Plan,
  type Prediction,
  planNext,
  type Rules,
  usualRules,
  type View,
} from '../../../src/placement/placement.ts';

export const rules: Rules = { ...usualRules, moveBytesPerSec: 2 ** 20, horizonSec: 7200, inFlightBytesMin: 0 };
export const movesOnly: Rules = { ...rules, remedies: { reHome: false, move: true, grow: false } };

/** As many ticks as hysteresis asks for, with nothing done in between. */
export function planAfter(ticks: number, view: View, prediction: Prediction | undefined, by: Rules): Plan {
  let memory: Memory = noMemory;
  let plan: Plan = { nowSec: 0, steps: [], refusals: [] };
  for (let tick = 0; tick < ticks; tick++) {
    const planned = planNext({ ...view, nowSec: view.nowSec + tick * 60 }, prediction, memory, by);
    ({ plan } = planned);
    if (plan.steps.length > 0) return plan;
    ({ memory } = planned);
  }
  return plan;
}

export const movesOf = ({ steps }: Plan): Move[] => steps.filter((step) => step.kind === 'move');
