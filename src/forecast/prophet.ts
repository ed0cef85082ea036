// Prophet's model with a design matrix of our own, so that no column order can be mistaken: trend (flat, or linear with changepoints),
// daily order 4, weekly order 3, further regressors. Only additive terms.
import { findOptimum } from './prophet-map.ts';

export interface ProphetOptions {
  readonly growth: 'flat' | 'linear';
  /** Highest number of changepoints, in the first 80 % of the history. */
  readonly changepoints: number;
}

export interface ProphetFit {
  /** What the curve says at a time, in the unit of the series. */
  at(timeSec: number): number;
  /** Standard deviation of the noise, in the unit of the series. */
  readonly sigma: number;
  /** Linear growth: mean absolute change of slope per changepoint, in units per second, and changepoints per second. Else 0. */
  readonly slopeChange: number;
  readonly changesPerSec: number;
}

/** Fits to finite values at ascending times, in seconds; undefined where there is too little to fit. */
export type FitProphet = (times: Float64Array, values: Float64Array, options: ProphetOptions) => ProphetFit | undefined;

const daySec = 86_400;
const seasonalPrior = 10;
const trendPrior = 5;
const changePrior = 0.05;
const changepointRange = 0.8;
const seasonalities = [
  { periodSec: daySec, order: 4, atLeastSec: 2 * daySec },
  { periodSec: 7 * daySec, order: 3, atLeastSec: 14 * daySec },
  { periodSec: 365.25 * daySec, order: 10, atLeastSec: 730 * daySec },
];

/** Fits to finite values at ascending times. Undefined where there is too little: under two days, 50 values, or nothing but zeros. */
export function fitProphet(times: Float64Array, values: Float64Array, options: ProphetOptions): ProphetFit | undefined {
  const rows = values.length;
  const startSec = times[0]!;
  const spanSec = rows > 1 ? times[rows - 1]! - startSec : 0;
  let unit = 0;
  for (const value of values) unit = Math.max(unit, Math.abs(value));
  if (rows < 50 || spanSec < 2 * daySec || unit === 0) return undefined;
  const seasons = seasonalities.filter(({ atLeastSec }) => spanSec >= atLeastSec);
  const trend = trendOf(times, startSec, spanSec, options);
  const columns = trend.columns + seasons.reduce((sum, { order }) => sum + 2 * order, 0);
  const design = new Float64Array(rows * columns);
  const fill = (timeSec: number, into: Float64Array, from: number): void => {
    trend.fill((timeSec - startSec) / spanSec, into, from);
    let at = from + trend.columns;
    for (const { periodSec, order } of seasons) {
      at = fillFourier((2 * Math.PI * timeSec) / periodSec, order, into, at);
    }
  };
  const target = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    fill(times[row]!, design, row * columns);
    target[row] = values[row]! / unit;
  }
  const priorScale = new Float64Array(columns).fill(seasonalPrior);
  const isLaplace = new Uint8Array(columns);
  for (let at = 0; at < trend.columns; at++) {
    const isChange = at >= trend.changesFrom;
    priorScale[at] = isChange ? changePrior : trendPrior;
    isLaplace[at] = isChange ? 1 : 0;
  }
  const { coefficients, sigma } = findOptimum({ rows, columns, design, target, priorScale, isLaplace });
  if (!Number.isFinite(sigma) || coefficients.some((each) => !Number.isFinite(each))) return undefined;
  const row = new Float64Array(columns);
  let slopes = 0;
  for (let at = trend.changesFrom; at < trend.columns; at++) slopes += Math.abs(coefficients[at]!);
  const changes = trend.columns - trend.changesFrom;
  return {
    at(timeSec) {
      fill(timeSec, row, 0);
      let sum = 0;
      for (let at = 0; at < columns; at++) sum += coefficients[at]! * row[at]!;
      return sum * unit;
    },
    sigma: sigma * unit,
    slopeChange: changes === 0 ? 0 : ((slopes / changes) * unit) / spanSec,
    changesPerSec: changes / spanSec,
  };
}

/** sin and cos of the first `order` multiples, by the angle-sum formula: two calls of the library per row and period. */
function fillFourier(angle: number, order: number, into: Float64Array, from: number): number {
  const sine = Math.sin(angle);
  const cosine = Math.cos(angle);
  let s = sine;
  let c = cosine;
  for (let each = 0; each < order; each++) {
    into[from + 2 * each] = s;
    into[from + 2 * each + 1] = c;
    [s, c] = [s * cosine + c * sine, c * cosine - s * sine];
  }
  return from + 2 * order;
}

interface Trend {
  readonly columns: number;
  /** First column of the changes of slope. */
  readonly changesFrom: number;
  readonly fill: (share: number, into: Float64Array, from: number) => void;
}

/** Linear growth as columns 1, t, (t − s₁)₊, …: Prophet's k, m and δ exactly. */
function trendOf(
  times: Float64Array,
  startSec: number,
  spanSec: number,
  { growth, changepoints }: ProphetOptions,
): Trend {
  if (growth === 'flat') {
    return {
      columns: 1,
      changesFrom: 1,
      fill: (_share, into, from) => {
        into[from] = 1;
      },
    };
  }
  const early = Math.floor(times.length * changepointRange);
  const count = Math.min(changepoints, early - 1);
  const places = Array.from(
    { length: count },
    (_, at) => (times[Math.round(((at + 1) * (early - 1)) / count)]! - startSec) / spanSec,
  );
  return {
    columns: 2 + count,
    changesFrom: 2,
    fill: (share, into, from) => {
      into[from] = 1;
      into[from + 1] = share;
      for (let at = 0; at < count; at++) into[from + 2 + at] = share > places[at]! ? share - places[at]! : 0;
    },
  };
}
