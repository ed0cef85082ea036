// The forecaster: what a series will do, as quantiles, and why. Pure: a day can be replayed from its numbers.
//
//   samples → toBins → SeriesForecaster.push(bin) → per target: six experts → Mixture → WidthControl → + what is declared → quantiles
//
//   areas' bins → FleetForecaster.push → a series per area and flow → partitions under the present shares → fans, pressure, crossings
//
// A target is the mean of the next bins, or the last of them. Experts are small files behind expert.ts; whoever fails is left out, down to the
// EWMA with the empirical quantiles of its errors, which cannot. `backtest` runs the same code over a file and says how good it was.
export { type BacktestOptions, type BacktestWatcher, backtest, type Forecasted } from './backtest.ts';
export { type BaselineName, baselineNames } from './baselines.ts';
export { declaredOf, type FleetDeclared } from './declared.ts';
export type { SeriesDeclared } from './declared-loads.ts';
export { type AreaRange, expandDeclared } from './expand-declared.ts';
export {
  type AreaPast,
  type Crossing,
  type Expected,
  type FleetBin,
  type FleetForecast,
  type FleetLayout,
  type FleetOptions,
  type Flow,
  type FlowForecast,
  type Flows,
  flows,
  type PartitionScore,
  type Quantiles,
} from './fleet.ts';
export { FleetForecaster } from './fleet-forecaster.ts';
export type { Forecaster } from './forecaster.ts';
export type { Job, JobRun } from './jobs.ts';
export { levels } from './levels.ts';
export { mergeEffects } from './merge-effects.ts';
export { parseSamples, parseSeconds } from './parse-samples.ts';
export type { Effect } from './prior.ts';
export type { FitProphet, ProphetFit, ProphetOptions } from './prophet.ts';
export { geometricMean, type Method, methods, type Scores } from './scores.ts';
export { type Aggregate, type Binned, type Sample, toBins } from './series.ts';
export { SeriesForecaster, type SeriesOptions, type TargetForecast } from './series-forecaster.ts';
