// What was known when a forecast was made: kept until it comes true, then experts learn from it. Reused, so that a sample costs no garbage.
import { smoothings } from './history.ts';

/** What is forecast: the mean of the next `to` bins, or of the last of them alone. */
export interface Target {
  readonly kind: 'mean' | 'last';
  /** First and last bin ahead that count. */
  readonly from: number;
  readonly to: number;
}

export const meanOf = (horizon: number): Target => ({ kind: 'mean', from: 1, to: horizon });
export const lastOf = (horizon: number): Target => ({ kind: 'last', from: horizon, to: horizon });

export class Origin {
  /** Index of the last observed bin. */
  index = -1;
  /** Its value. */
  value = 0;
  /** Local scale: the unit of all learning. */
  scale = 1;
  /** Exponential means, and the mean of the last 12 bins. */
  readonly smooth = new Float64Array(smoothings.length);
  windowMean = 0;
  /** What Prophet says of the target and of the last observed bin; NaN without a fit. */
  prophetTarget = Number.NaN;
  prophetNow = Number.NaN;
  /** Mean recent error of Prophet. */
  prophetError = 0;
  readonly features: Float32Array;
  constructor(featureCount: number) {
    this.features = new Float32Array(featureCount);
  }
}
