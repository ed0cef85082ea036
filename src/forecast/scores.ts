// What a backtest says of one target: losses of the mix and of everything it is compared with, and whether the quantiles keep their promise.
import { type BaselineName, baselineNames } from './baselines.ts';
import { levels, rowLoss } from './levels.ts';

const low = levels.indexOf(0.05);
const high = levels.indexOf(0.95);
const highest = levels.indexOf(0.99);
const middle = levels.indexOf(0.5);

export type Method = 'mix' | BaselineName | 'prophet';
export const methods: readonly Method[] = ['mix', ...baselineNames, 'prophet'];

export interface Scores {
  readonly kind: 'mean' | 'last';
  /** Forecasts that came true. */
  readonly n: number;
  /** Weighted quantile loss over .1 … .9: twice the mean pinball loss, divided by the mean load. NaN as null where there is no load. */
  readonly wql: Readonly<Record<Method, number>>;
  readonly bestSimple: BaselineName;
  readonly ratioToBestSimple: number;
  readonly ratioToProphet: number;
  readonly insideQ05Q95: number;
  readonly belowQ99: number;
  /** Mean absolute error of the median over that of the last value one step ahead, in the part that is not scored. */
  readonly mase: number;
}

export class ScoreKeeper {
  readonly #losses = new Float64Array(methods.length);
  #n = 0;
  #load = 0;
  #inside = 0;
  #below = 0;
  #absolute = 0;

  /** `rows` in the order of `methods`. */
  add(rows: readonly Float64Array[], actual: number): void {
    const mix = rows[0]!;
    for (let each = 0; each < methods.length; each++)
      this.#losses[each] = this.#losses[each]! + rowLoss(rows[each]!, actual);
    this.#n++;
    this.#load += Math.abs(actual);
    if (actual >= mix[low]! && actual <= mix[high]!) this.#inside++;
    if (actual <= mix[highest]!) this.#below++;
    this.#absolute += Math.abs(actual - mix[middle]!);
  }

  /** `naiveError`: mean absolute change per bin in the part that is not scored. */
  scores(kind: 'mean' | 'last', naiveError: number): Scores {
    const of = (method: Method): number => (2 * this.#losses[methods.indexOf(method)]!) / this.#load;
    const wql = Object.fromEntries(methods.map((method) => [method, of(method)])) as Record<Method, number>;
    const bestSimple = baselineNames.reduce((best, name) => (wql[name] < wql[best] ? name : best));
    return {
      kind,
      n: this.#n,
      wql,
      bestSimple,
      ratioToBestSimple: ratio(wql.mix, wql[bestSimple]),
      ratioToProphet: ratio(wql.mix, wql.prophet),
      insideQ05Q95: this.#inside / this.#n,
      belowQ99: this.#below / this.#n,
      mase: ratio(this.#absolute / this.#n, naiveError),
    };
  }
}

/** Nothing against nothing is a tie. */
const ratio = (ours: number, theirs: number): number => (ours === 0 && theirs === 0 ? 1 : ours / theirs);

/** Geometric mean; NaN of nothing. */
export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
