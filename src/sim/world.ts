// What all policies of a scenario share: the load, what is forecast of it, and how reads spread over blocks. Plain data, so that threads take it.
import { type BaseSeries, baseSeries, binMinutes } from './base-series.ts';
import { forecastCode } from './forecast-series.ts';
import type { HeatProfile } from './heat-profile.ts';
import { digestOf, groupOf, type SourceGroup, type Sources } from './read-sources.ts';
import type { Scenario } from './scenario.ts';

export type { BaseSeries } from './base-series.ts';
export type { HeatProfile } from './heat-profile.ts';
export type { Scenario } from './scenario.ts';

export interface World {
  readonly scenario: Scenario;
  readonly series: readonly BaseSeries[];
  /** Of the points of each series. */
  readonly aheadBins: readonly number[];
  /** Which areas take which series. */
  readonly groups: readonly SourceGroup[];
  readonly heat: readonly HeatProfile[];
  /** Of series, forecasts and heat alone. */
  readonly dataDigest: string;
  /** Of everything but which policies are run; no paths are in it. */
  readonly digest: string;
}

export const aheadBinsOf = (scenario: Scenario): number[] =>
  scenario.forecast.aheadMinutes.map((minutes) => minutes / binMinutes);

/** `points`: by series and `aheadBins`, of all bins that were measured. */
export function worldOf(scenario: Scenario, sources: Sources, points: readonly (readonly Float32Array[])[]): World {
  const { groups, heat } = sources;
  const series = sources.series.map((each, at) => baseSeries(each, points[at]!));
  const bytesOf = (values: Float32Array): Uint8Array =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const dataDigest = digestOf(
    JSON.stringify([forecastCode, heat]),
    ...series.flatMap((each) => [each.minutes, ...each.points].map(bytesOf)),
  );
  return withDigest({ scenario, series, aheadBins: aheadBinsOf(scenario), groups, heat, dataDigest });
}

/** The same data under another scenario: it must name the same files and horizons. */
export function underScenario(world: World, scenario: Scenario): World {
  const files = ({ loads, skew, forecast }: Scenario): string =>
    JSON.stringify([loads.map((each) => each.files), skew, forecast]);
  if (files(scenario) !== files(world.scenario)) throw new Error('another scenario must have the same files');
  const groups = world.groups.map(({ series }, at) => groupOf(scenario.loads[at]!, series));
  return withDigest({ ...world, scenario, groups });
}

function withDigest(world: Omit<World, 'digest'>): World {
  const { loads: _loads, policies: _policies, skew: _skew, ...rest } = world.scenario;
  return { ...world, digest: digestOf(JSON.stringify([rest, world.groups]), world.dataDigest) };
}
