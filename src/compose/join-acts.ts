// Who carries out what the pilot plans, by kind of step; together they are the pilot's port.
import type { Acts, Moved } from '../pilot/pilot.ts';
import type { SeenPool, Step } from '../placement/placement.ts';

export type StepAgent = Pick<Acts, 'carryOut' | 'underWay'>;

export function joinActs(
  agents: Readonly<Partial<Record<Step['kind'], StepAgent>>>,
  { moved, pools }: { readonly moved: () => readonly Moved[]; readonly pools: () => readonly SeenPool[] },
): Acts {
  return {
    async carryOut(step) {
      const agent = agents[step.kind];
      if (agent !== undefined) return await agent.carryOut(step);
      return { outcome: 'refused', because: `nobody here carries out a ${step.kind}` };
    },
    underWay: () => [...new Set(Object.values(agents))].flatMap((agent) => agent.underWay()),
    moved,
    pools,
  };
}
