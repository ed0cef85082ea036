// Forecasts of a base series as the running forecaster makes them, bin by bin in the series' own time. They depend on demand alone, so all policies share them.
import { levels, SeriesForecaster } from '../forecast/forecast.ts';
import { binSec, type MeasuredSeries } from './base-series.ts';

/** Raise it when the forecaster says something else than before: kept forecasts are those of older code then. */
export const forecastCode = 1;

export interface ForecastOptions {
  readonly trees: boolean;
  /** Ascending. */
  readonly aheadBins: readonly number[];
}

const median = levels.indexOf(0.5);
const toldEvery = 100;

/** By `aheadBins` the median of each bin i for the bin i + ahead, in the series' unit. */
export function forecastSeries(
  { startSec, shown }: Pick<MeasuredSeries, 'startSec' | 'shown'>,
  { trees, aheadBins }: ForecastOptions,
  onProgress: (doneBins: number) => void,
): Float32Array[] {
  const forecaster = new SeriesForecaster({
    startSec,
    stepSec: binSec,
    horizons: aheadBins,
    lastOnly: true,
    withTrees: trees,
    jobs: [],
  });
  const points = aheadBins.map(() => new Float32Array(shown.length));
  const order = aheadBins.map((ahead) => forecaster.targets.findIndex(({ to }) => to === ahead));
  shown.forEach((value, bin) => {
    const said = forecaster.push(value);
    points.forEach((each, at) => {
      const point = said[order[at]!]!.row[median]!;
      // Before anything was measured nothing is expected.
      each[bin] = Number.isFinite(point) ? point : (each[bin - 1] ?? 0);
    });
    if (bin % toldEvery === toldEvery - 1) onProgress(bin + 1);
  });
  return points;
}
