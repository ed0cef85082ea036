// One policy in one world under one seed, minute by minute: what is asked, what echoes take, what the planner says, what the mover does, and what came
// of it. Planner, echo placement and steering are the gateway's own; the clock is a counter.
import type { PolicyResult } from '../result.ts';
import type { PolicyName } from '../scenario-schema.ts';
import type { World } from '../world.ts';
import { type FleetLoad, fleetLoad } from './fleet-load.ts';
import { policies, type Thresholds } from './policies.ts';
import { SimRun } from './sim-run.ts';
import type { Watch } from './watch.ts';

export type { MinuteRow, MoveRow, Watch } from './watch.ts';

let kept: { readonly digest: string; readonly seed: number; readonly load: FleetLoad } | undefined;

/** All policies of a seed meet the same load. */
function loadOf(world: World, seed: number): FleetLoad {
  if (kept?.digest !== world.digest || kept.seed !== seed)
    kept = { digest: world.digest, seed, load: fleetLoad(world, seed) };
  return kept.load;
}

export interface RunOptions {
  readonly watch?: Watch;
  /** In place of the policy's own. */
  readonly thresholds?: Thresholds | undefined;
}

export function runPolicy(world: World, policy: PolicyName, seed: number, options: RunOptions = {}): PolicyResult {
  const startedMs = performance.now();
  const { watch = {}, thresholds } = options;
  const own = policies[policy];
  const run = new SimRun(world, thresholds ? { ...own, thresholds } : own, loadOf(world, seed), watch);
  const result = run.all();
  return { policy, seed, ...result, wallMs: Math.round(performance.now() - startedMs) };
}
