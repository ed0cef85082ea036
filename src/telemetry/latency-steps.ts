// Durations in steps of a factor of √2 from 0.1 ms to 52 s: a quantile read from them is right within a fifth, and sums of them are sums.

const firstMs = 0.1;
const perOctave = 2;
export const latencySteps = 38;

/** The step that a duration in ms falls into. */
export function stepOf(tookMs: number): number {
  if (!(tookMs > firstMs)) return 0;
  return Math.min(latencySteps - 1, Math.ceil(Math.log2(tookMs / firstMs) * perOctave));
}

/** Upper end of a step, in ms. */
export const endOfStepMs = (step: number): number => firstMs * 2 ** (step / perOctave);

/** The quantile (0 … 1) of the counted durations, in ms; undefined when there are none. */
export function latencyQuantile(counts: readonly number[], quantile: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let below = 0;
  for (const [step, count] of counts.entries()) {
    below += count;
    if (below >= quantile * total) return endOfStepMs(step);
  }
  return endOfStepMs(latencySteps - 1);
}

/** Fewer operations say nothing about a p99. */
const operationsMin = 100;

/** In ms; undefined where too few were counted. */
export const sureP99Ms = (counts: readonly number[]): number | undefined =>
  counts.reduce((sum, count) => sum + count, 0) < operationsMin ? undefined : latencyQuantile(counts, 0.99);

/** Counts of several added up. */
export const sumLatencies = (counts: readonly { readonly latency: readonly number[] }[]): number[] =>
  counts.reduce<number[]>((sum, { latency }) => latency.map((each, step) => each + (sum[step] ?? 0)), []);
