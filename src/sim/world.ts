// What all policies of a scenario share: the load, what is forecast of it, and how reads spread over blocks. Plain data, so that threads take it.
import { type BaseSeries, baseSeries, binMinutes } from './base-series.ts';
import { forecastCode } from './forecast-series.ts';
import type { HeatProfile } from './heat-profile.ts';
import { digestOf, type SourceGroup, type Sources } from './read-sources.ts';
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
  /** Of everything but which policies are run; no paths are in it. */
  readonly digest: string;
}

export const aheadBinsOf = (scenario: Scenario): number[] =>
  scenario.forecast.aheadMinutes.map((minutes) => minutes / binMinutes);

/** `points`: by series and `aheadBins`, of all bins that were measured. */
export function worldOf(scenario: Scenario, sources: Sources, points: readonly (readonly Float32Array[])[]): World {
  const { groups, heat } = sources;
  const series = sources.series.map((each, at) => baseSeries(each, points[at]!));
  const { loads: _loads, policies: _policies, skew: _skew, ...rest } = scenario;
  const bytesOf = (values: Float32Array): Uint8Array =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return {
    scenario,
    series,
    aheadBins: aheadBinsOf(scenario),
    groups,
    heat,
    digest: digestOf(
      JSON.stringify([forecastCode, rest, groups, heat]),
      ...series.flatMap((each) => [each.minutes, ...each.points].map(bytesOf)),
    ),
  };
}
