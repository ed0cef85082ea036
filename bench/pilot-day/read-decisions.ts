// The journal of the day, asked of the server: decisions that did something, and why nothing more was done.
import { stepText } from '../../src/cli/plan-text.ts';
import type { Decision } from '../../src/pilot/pilot.ts';
import type { World } from '../../test/chaos/support/world.ts';
import type { DayDecision, DayRecord, DayStep } from './record.ts';

const decisionsMax = 1000;
const refusalsShown = 12;

/** Those of the day, which began then. */
export async function readDecisions(
  world: World,
  fromSec: number,
): Promise<Pick<DayRecord, 'decisions' | 'ticks' | 'refusals'>> {
  const { decisions: all, areas } = (await world.call('GET', `/v1/journal?limit=${decisionsMax}`)) as {
    decisions: readonly Decision[];
    areas: Readonly<Record<string, string>>;
  };
  const decisions = all.filter(({ untilSec }) => untilSec >= fromSec);
  const refusals = new Map<string, number>();
  for (const { refusals: each, times } of decisions) {
    for (const { partition, area, why } of each) {
      const whose = partition ?? (area === undefined ? 'fleet' : (areas[area] ?? area));
      const text = `${whose}: ${why.replaceAll(/\d+(\.\d+)?/g, '#')}`;
      refusals.set(text, (refusals.get(text) ?? 0) + times);
    }
  }
  return {
    ticks: decisions.reduce((sum, { times }) => sum + times, 0),
    decisions: decisions
      .filter(({ steps }) => steps.length > 0)
      .map((each) => shown(each, areas))
      .reverse(),
    refusals: [...refusals]
      .sort(([, a], [, b]) => b - a)
      .slice(0, refusalsShown)
      .map(([why, times]) => ({ why, times })),
  };
}

function shown({ id, atSec, steps, results }: Decision, areas: Readonly<Record<string, string>>): DayDecision {
  return {
    ...{ id, atSec },
    steps: steps.map((step, at): DayStep => {
      const { outcome, because } = results[at]!;
      return {
        kind: step.kind,
        ...('area' in step && { area: step.area }),
        ...(step.kind === 'move' && { from: step.from, to: step.to }),
        what: stepText(step, areas),
        because: step.because.text,
        ...{
          outcome,
          outcomeBecause: 'area' in step ? because.replaceAll(step.area, areas[step.area] ?? step.area) : because,
        },
      };
    }),
  };
}
