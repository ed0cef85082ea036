// One resource of one area: its forecaster, and what it said of late, by which partitions are put together.
import type { AreaId } from '../model/ids.ts';
import type { SeriesDeclared } from './declared-loads.ts';
import type { Flow, FlowForecast } from './fleet.ts';
import type { FleetHabits } from './fleet-habits.ts';
import { median } from './levels.ts';
import type { Target } from './origin.ts';
import { PointRing } from './point-ring.ts';
import { PooledExpert } from './pooled-expert.ts';
import type { Brought, Effect } from './prior.ts';
import { SeriesForecaster, type TargetForecast } from './series-forecaster.ts';

const daySec = 86_400;
/** Errors of so long are kept: they say how far off sums over areas are. */
const residualSec = 5 * daySec;
/** Less than this was measured: young. */
export const youngSec = 2 * daySec;
/** While a past is replayed, fits come early, then at every doubling, then daily where errors are kept. */
const firstFitBins = 300;

export const residualBins = (stepSec: number): number => Math.max(64, Math.round(residualSec / stepSec));

export interface AreaSeriesOptions {
  readonly area: AreaId;
  readonly flow: Flow;
  /** Bins since 1970. */
  readonly firstBin: number;
  readonly stepSec: number;
  /** In bins; 1 among them. */
  readonly horizons: readonly number[];
  readonly withTrees: boolean;
  readonly habits: FleetHabits;
  readonly declared?: SeriesDeclared | undefined;
}

export class AreaSeries {
  readonly area: AreaId;
  readonly flow: Flow;
  readonly firstBin: number;
  readonly withTrees: boolean;
  readonly forecaster: SeriesForecaster;
  readonly #points: PointRing;
  readonly #binsPerDay: number;
  #measured = 0;
  #answer: readonly TargetForecast[] = [];

  constructor({ area, flow, firstBin, stepSec, horizons, withTrees, habits, declared }: AreaSeriesOptions) {
    this.area = area;
    this.flow = flow;
    this.firstBin = firstBin;
    this.withTrees = withTrees;
    this.#binsPerDay = Math.max(1, Math.round(daySec / stepSec));
    this.forecaster = new SeriesForecaster({
      startSec: firstBin * stepSec,
      stepSec,
      horizons,
      withTrees,
      jobs: [],
      declared,
      added: (target, history) => [new PooledExpert(target, history, habits, () => this.isYoung)],
    });
    this.#points = new PointRing(this.forecaster.targets.length, residualBins(stepSec));
  }

  get isYoung(): boolean {
    return this.#measured * this.forecaster.history.stepSec < youngSec;
  }

  get state(): FlowForecast['state'] {
    return this.isYoung ? 'young' : this.forecaster.isFitted ? 'sound' : 'fallback';
  }

  get newestBin(): number {
    return this.firstBin + this.forecaster.history.length - 1;
  }

  /** What is said now, by target; empty before the first bin. */
  get answer(): readonly TargetForecast[] {
    return this.#answer;
  }

  /** Mean of the last day. */
  get level(): number {
    const { history } = this.forecaster;
    const last = history.length - 1;
    return last < 0 ? 0 : history.mean(Math.max(history.first, last - this.#binsPerDay + 1), last);
  }

  /** `value` NaN: not measured. Nobody refits here but whoever counts the turns. */
  push(value: number): void {
    if (Number.isFinite(value)) this.#measured++;
    this.#answer = this.forecaster.push(value, false);
    const bin = this.newestBin;
    for (let at = 0; at < this.#answer.length; at++) this.#points.set(at, bin, this.#answer[at]!.plain[median]!);
  }

  /** A whole past at once: the last `forecastBins` of it are forecast as if they came now, those before are remembered. */
  replay(values: Float64Array, forecastBins: number): void {
    const from = Math.max(0, values.length - forecastBins);
    let nextFit = firstFitBins;
    for (let at = 0; at < values.length; at++) {
      if (at < from) {
        if (Number.isFinite(values[at]!)) this.#measured++;
        this.forecaster.remember(values[at]!);
        continue;
      }
      this.push(values[at]!);
      const done = at - from + 1;
      const left = values.length - 1 - at;
      const isLate = left * this.forecaster.history.stepSec < residualSec && left % this.#binsPerDay === 0;
      if (done < nextFit && !(isLate && done >= firstFitBins)) continue;
      this.forecaster.refit(false);
      while (nextFit <= done) nextFit *= 2;
    }
  }

  get hasDeclared(): boolean {
    return this.forecaster.hasDeclared;
  }

  /** What is declared of the bins `from` … `to` ahead. */
  bring(from: number, to: number, effects?: Effect[]): Brought | undefined {
    return this.forecaster.bring({ from, to }, this.levelAhead(to), effects);
  }

  /** Roughly what the bin `step` ahead will be without anything declared. */
  levelAhead(step: number): number {
    const near = this.#answer.find(({ target }) => target.to >= step) ?? this.#answer.at(-1);
    return near?.plain[median] ?? 0;
  }

  /** Value of a bin: 0 before the area was there; what was not measured reads as the bin before. */
  valueAt(bin: number): number {
    const index = bin - this.firstBin;
    const { history } = this.forecaster;
    return index < history.first || index >= history.length ? 0 : history.at(index);
  }

  isMissing(bin: number): boolean {
    const index = bin - this.firstBin;
    const { history } = this.forecaster;
    return index >= history.first && index < history.length && history.isMissing(index);
  }

  /** The median said of a target (by its place in `forecaster.targets`) at a bin; 0 before the area was there, NaN where nothing was said. */
  pointAt(target: number, bin: number): number {
    return bin < this.firstBin ? 0 : this.#points.at(target, bin);
  }

  /** Mean of a target that begins after `bin`. */
  actualAt({ from, to }: Target, bin: number): number {
    const index = bin - this.firstBin;
    return this.forecaster.history.mean(index + from, index + to);
  }
}
