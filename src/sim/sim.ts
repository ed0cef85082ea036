// The simulator: real planners against a fleet that queues, on a virtual clock, with loads of real series.
//
//   scenario (YAML) → readScenario → makeWorld: sources, kept forecasts → simulate: a run per policy and seed, in threads → figures, comparisons
//
// A run (`engine/`) is pure: the same world, policy and seed give the same journal. All policies share the world, the mover, the pool and the echoes.
export { type Comparison, comparePolicies, type PolicySummary } from './compare-policies.ts';
export { type MadeWorld, makeWorld } from './make-world.ts';
export { readSources, type Sources } from './read-sources.ts';
export type { PolicyResult } from './result.ts';
export { type ReadScenario, readScenario, type Scenario, withPolicies } from './scenario.ts';
export { scenarioJsonSchema } from './scenario-json-schema.ts';
export { type Simulation, simulate } from './simulate.ts';
