// What a scenario's runs say together: medians of each policy, and each policy against those that it must beat.
import type { PolicyResult } from './result.ts';
import { atEqualHours, type Estimate, median, pooledDifference, pooledRatio } from './statistics.ts';

export interface PolicySummary {
  readonly policy: string;
  readonly seeds: number;
  readonly medians: Readonly<Record<Figure, number>>;
}

const figures = {
  violatingMinutes: (result: PolicyResult) => result.violatingMinutes,
  shortMinutes: (result: PolicyResult) => result.shortMinutes,
  excess: (result: PolicyResult) => result.excess,
  partitionHours: (result: PolicyResult) => result.partitionHours,
  maxOverMean: (result: PolicyResult) => result.maxOverMean,
  bytesMoved: (result: PolicyResult) => result.bytesMoved,
  movesStarted: (result: PolicyResult) => result.moves.started,
  movesUndone: (result: PolicyResult) => result.moves.undone,
  echoBytes: (result: PolicyResult) => result.echo.bytes,
  echoFills: (result: PolicyResult) => result.echo.fills,
  readP50Ms: (result: PolicyResult) => result.readP50Ms,
  readP99Ms: (result: PolicyResult) => result.readP99Ms,
  wallMs: (result: PolicyResult) => result.wallMs,
} as const;
type Figure = keyof typeof figures;

export interface Comparison {
  readonly policy: string;
  readonly against: string;
  readonly figure: 'violatingMinutes' | 'excess' | 'bytesMoved';
  readonly ratio: Estimate;
  readonly difference: Estimate;
  /** Of violations alone: against the fewest that the other has at any of its prices with no more partition-hours. */
  readonly ratioAtEqualHours?: Estimate;
}

const anchors = ['reactive', 'reactive+', 'oracle'] as const;

export function summarise(results: readonly PolicyResult[]): PolicySummary[] {
  return [...byPolicy(results)].map(([policy, own]) => ({
    policy,
    seeds: own.length,
    medians: Object.fromEntries(
      Object.entries(figures).map(([name, of]) => [name, median(own.map(of))]),
    ) as PolicySummary['medians'],
  }));
}

export function comparePolicies(results: readonly PolicyResult[]): Comparison[] {
  const policies = byPolicy(results);
  const comparisons: Comparison[] = [];
  for (const against of anchors) {
    const theirs = policies.get(against);
    if (theirs === undefined) continue;
    for (const [policy, ours] of policies) {
      if (policy === against) continue;
      for (const figure of ['violatingMinutes', 'excess', 'bytesMoved'] as const) {
        const row = { ours: ours.map(figures[figure]), theirs: theirs.map(figures[figure]) };
        comparisons.push({
          policy,
          against,
          figure,
          ratio: pooledRatio([row]),
          difference: pooledDifference([row]),
          ...(figure === 'violatingMinutes' && against === 'reactive+'
            ? { ratioAtEqualHours: pooledRatio([violationsAtEqualHours(ours, variantsOf(against, policies))]) }
            : {}),
        });
      }
    }
  }
  return comparisons;
}

/** Results in the order of seeds, as `byPolicy` has them. `theirs`: by policy. */
export function violationsAtEqualHours(
  ours: readonly PolicyResult[],
  theirs: readonly (readonly PolicyResult[])[],
): { ours: number[]; theirs: number[] } {
  return {
    ours: ours.map(figures.violatingMinutes),
    theirs: ours.map(({ partitionHours }, at) =>
      atEqualHours(
        theirs.flatMap((each) => each[at] ?? []),
        partitionHours,
      ),
    ),
  };
}

/** A policy, and the same with more partition-hours: `reactive+`, `reactive+95` and so on. */
export const variantsOf = (
  policy: string,
  policies: ReadonlyMap<string, readonly PolicyResult[]>,
): (readonly PolicyResult[])[] =>
  [...policies].flatMap(([name, results]) => (name.replace(/\d+$/, '') === policy ? [results] : []));

/** In the order of their first result; each in the order of seeds. */
export function byPolicy(results: readonly PolicyResult[]): Map<string, PolicyResult[]> {
  const policies = new Map<string, PolicyResult[]>();
  for (const result of results) policies.set(result.policy, [...(policies.get(result.policy) ?? []), result]);
  for (const own of policies.values()) own.sort((a, b) => a.seed - b.seed);
  return policies;
}
