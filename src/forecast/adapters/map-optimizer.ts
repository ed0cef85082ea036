// Our exact optimiser in the place where the WASM Prophet expects Stan's: the same posterior, without Stan's leak and its chance.
import { findOptimum } from '../prophet-map.ts';

/** What augurs-prophet hands over: the data block of prophet.stan, as JSON. */
interface StanData {
  readonly T: number;
  readonly y: readonly number[];
  readonly t: readonly number[];
  readonly t_change: readonly number[];
  /** 0 linear, 2 flat; 1 (logistic) is not ours. */
  readonly trend_indicator: number | string;
  readonly K: number;
  readonly s_m: readonly number[];
  readonly X: readonly (number | readonly number[])[];
  readonly sigmas: readonly number[];
  readonly tau: number;
}

const trendPrior = 5;

/** Throws RangeError for what is not additive with flat or linear growth. */
export const mapOptimizer = {
  optimize(_init: unknown, json: string) {
    const data = JSON.parse(json) as StanData;
    const isFlat = data.trend_indicator === 2 || data.trend_indicator === 'flat';
    if (!isFlat && data.trend_indicator !== 0 && data.trend_indicator !== 'linear')
      throw new RangeError('logistic growth is not fitted here');
    if (data.s_m.some((each) => each !== 0)) throw new RangeError('multiplicative terms are not fitted here');
    const changes = isFlat ? 0 : data.t_change.length;
    const trend = isFlat ? 1 : 2 + changes;
    const columns = trend + data.K;
    const regressors = data.X.flat() as number[];
    const design = new Float64Array(data.T * columns);
    for (let row = 0; row < data.T; row++) {
      const from = row * columns;
      design[from] = 1;
      if (!isFlat) design[from + 1] = data.t[row]!;
      for (let at = 0; at < changes; at++) design[from + 2 + at] = Math.max(0, data.t[row]! - data.t_change[at]!);
      for (let at = 0; at < data.K; at++) design[from + trend + at] = regressors[row * data.K + at]!;
    }
    const priorScale = Float64Array.from({ length: columns }, (_, at) =>
      at >= trend ? data.sigmas[at - trend]! : at < 2 ? trendPrior : data.tau,
    );
    const isLaplace = Uint8Array.from({ length: columns }, (_, at) => (at >= 2 && at < trend ? 1 : 0));
    const { coefficients, sigma } = findOptimum({
      rows: data.T,
      columns,
      design,
      target: Float64Array.from(data.y),
      priorScale,
      isLaplace,
    });
    const trendAt = (row: number): number => {
      let sum = 0;
      for (let at = 0; at < trend; at++) sum += coefficients[at]! * design[row * columns + at]!;
      return sum;
    };
    return {
      logs: { debug: '', info: '', warn: '', error: '', fatal: '' },
      params: {
        k: isFlat ? 0 : coefficients[1]!,
        m: coefficients[0]!,
        sigmaObs: sigma,
        delta: isFlat ? new Float64Array(data.t_change.length) : coefficients.slice(2, trend),
        beta: coefficients.slice(trend),
        trend: Float64Array.from({ length: data.T }, (_, row) => trendAt(row)),
      },
    };
  },
};
