// One resource of one partition, put together from its areas under the present shares: forecast by what its areas say and directly, whichever
// is better of late, with its own width. When areas move, its past becomes what it would have been.
import { sumBrought } from './add-brought.ts';
import { residualBins } from './area-series.ts';
import { BottomUpExpert } from './bottom-up-expert.ts';
import type { Target } from './origin.ts';
import type { Brought, Effect } from './prior.ts';
import { SeriesForecaster, type TargetForecast } from './series-forecaster.ts';
import { isSame, type Part, sumPoints, sumValues } from './sum-areas.ts';
import type { Rebase } from './target-forecaster.ts';

/** A past that differs by more than this part of the load has another course of the day. */
const materialShare = 0.05;
const widenMin = 0.2;
const widenMax = 5;

export interface PartitionSeriesOptions {
  /** Its past begins here; bins since 1970. */
  readonly firstBin: number;
  readonly stepSec: number;
  /** In bins; 1 among them. */
  readonly horizons: readonly number[];
  /** False: only the re-aggregated past speaks. What the areas say has to be better than that, or to be left out. */
  readonly withAreas: boolean;
}

export class PartitionSeries {
  readonly firstBin: number;
  readonly forecaster: SeriesForecaster;
  readonly #bins: number;
  readonly #binsPerDay: number;
  readonly #points: readonly Float64Array[];
  readonly #scales: Float64Array;
  readonly #experts: BottomUpExpert[] = [];
  #parts: readonly Part[];
  #answer: readonly TargetForecast[] = [];

  /** With the past of its parts up to the bin `newestBin`, the last days of it forecast as if they came now. */
  constructor(
    { firstBin, stepSec, horizons, withAreas }: PartitionSeriesOptions,
    parts: readonly Part[],
    newestBin: number,
  ) {
    this.firstBin = firstBin;
    this.#bins = residualBins(stepSec);
    this.#binsPerDay = Math.max(1, Math.round(86_400 / stepSec));
    this.#scales = new Float64Array(this.#bins);
    this.#parts = parts;
    this.forecaster = new SeriesForecaster({
      startSec: firstBin * stepSec,
      stepSec,
      horizons,
      withTrees: false,
      jobs: [],
      added: (target) => (withAreas ? this.#bottomUp(target) : []),
    });
    this.#points = this.forecaster.targets.map(() => new Float64Array(this.#bins).fill(Number.NaN));
    this.#replay(newestBin);
  }

  get parts(): readonly Part[] {
    return this.#parts;
  }

  /** What is said now, by target; empty before the first bin. */
  get answer(): readonly TargetForecast[] {
    return this.#answer;
  }

  get newestBin(): number {
    return this.firstBin + this.forecaster.history.length - 1;
  }

  /** The areas have taken the bin that follows the newest one; `parts` as of now. */
  push(parts: readonly Part[]): void {
    if (!isSame(this.#parts, parts)) this.#reshare(parts);
    const bin = this.newestBin + 1;
    this.#points.forEach((points, at) => {
      points[bin % this.#bins] = sumPoints(parts, at, bin);
    });
    this.#take(sumValues(parts, bin, bin)[0]!);
  }

  valueAt(bin: number): number {
    const index = bin - this.firstBin;
    const { history } = this.forecaster;
    return index < history.first || index >= history.length ? 0 : history.at(index);
  }

  /** Sum of the areas' medians said at a bin; where they said nothing, or are not asked, NaN. */
  pointAt(target: number, bin: number): number {
    return bin > this.newestBin - this.#bins && bin <= this.newestBin
      ? this.#points[target]![bin % this.#bins]!
      : Number.NaN;
  }

  /** What is declared of the areas' bins `from` … `to` ahead, as far as they lie here. */
  bring(from: number, to: number, effects: Effect[] = []): Brought | undefined {
    if (!this.#parts.some(({ series }) => series.hasDeclared)) return undefined;
    return sumBrought(
      this.#parts.map(({ series, share }) => {
        const own: Effect[] = [];
        const brought = series.bring(from, to, own);
        effects.push(...own.map((effect) => ({ ...effect, load: effect.load * share })));
        return { brought, share, level: series.levelAhead(to) };
      }),
    );
  }

  #take(value: number): void {
    this.#answer = this.forecaster.push(value, false);
    this.#scales[this.newestBin % this.#bins] = this.forecaster.history.scale.now;
  }

  #replay(newestBin: number): void {
    const values = sumValues(this.#parts, this.firstBin, newestBin);
    const from = Math.max(0, values.length - this.#bins);
    this.#sumAllPoints(this.firstBin + from, newestBin);
    for (let at = 0; at < values.length; at++) {
      if (at < from) this.forecaster.remember(values[at]!);
      else this.#take(values[at]!);
      const left = values.length - 1 - at;
      if (at >= from && left % this.#binsPerDay === 0 && at >= this.#binsPerDay) this.forecaster.refit(false);
    }
  }

  #sumAllPoints(from: number, to: number): void {
    this.#points.forEach((points, at) => {
      for (let bin = Math.max(from, to - this.#bins + 1); bin <= to; bin++) {
        points[bin % this.#bins] = sumPoints(this.#parts, at, bin);
      }
    });
  }

  /** Areas have moved: the past, what was said of it and how it erred become what they would have been. */
  #reshare(parts: readonly Part[]): void {
    this.#parts = parts;
    const { history, targets } = this.forecaster;
    const newest = this.newestBin;
    if (history.length === 0) return;
    const first = this.firstBin + history.first;
    const values = sumValues(parts, first, newest);
    const changed = this.#changed(values);
    const before = this.#recent(newest);
    this.#sumAllPoints(first, newest);
    const onBin = (index: number): void => {
      this.#scales[(this.firstBin + index) % this.#bins] = history.scale.now;
    };
    this.forecaster.rewrite(values, onBin, (index, target) => {
      const bin = this.firstBin + index;
      const was = before.get(bin);
      if (was === undefined) return { value: 0, target: 0, widen: 1 };
      const value = history.at(index) - was.value;
      const moved = this.pointAt(targets.indexOf(target), bin) - was.points[targets.indexOf(target)]!;
      const widen = Math.max(widenMin, Math.min(widenMax, this.#scales[bin % this.#bins]! / was.scale));
      return { value, target: Number.isFinite(moved) ? moved : value, widen } satisfies Rebase;
    });
    for (const expert of this.#experts) expert.rewrite(history.first, history.length - 1);
    if (changed > materialShare) this.forecaster.refitCurve();
  }

  /** What stood at the bins of which something was said that has not come true yet. */
  #recent(newest: number): Map<number, { value: number; scale: number; points: number[] }> {
    const { history, targets } = this.forecaster;
    const longest = Math.max(...targets.map(({ to }) => to));
    const kept = new Map<number, { value: number; scale: number; points: number[] }>();
    for (let bin = Math.max(this.firstBin + history.first, newest - longest); bin <= newest; bin++) {
      const points = targets.map((_, at) => this.pointAt(at, bin));
      kept.set(bin, { value: this.valueAt(bin), scale: this.#scales[bin % this.#bins]!, points });
    }
    return kept;
  }

  /** Part of the last day's load by which another past differs. */
  #changed(values: Float64Array): number {
    const { history } = this.forecaster;
    let sum = 0;
    let difference = 0;
    for (let at = Math.max(0, values.length - this.#binsPerDay); at < values.length; at++) {
      if (!Number.isFinite(values[at]!)) continue;
      sum += values[at]!;
      difference += Math.abs(values[at]! - history.at(history.length - values.length + at));
    }
    return sum > 0 ? difference / sum : difference > 0 ? 1 : 0;
  }

  #bottomUp(target: Target): BottomUpExpert[] {
    const place = this.#experts.length / 2;
    const summed = {
      point: (index: number) => this.pointAt(place, this.firstBin + index),
      actual: (index: number) => {
        const { history } = this.forecaster;
        const [from, to] = [index + target.from, index + target.to];
        return from < history.first || to >= history.length || history.isMissing(to)
          ? Number.NaN
          : history.mean(from, to);
      },
      scale: (index: number) => this.#scales[(this.firstBin + index) % this.#bins]!,
    };
    const made = (['areas', 'areas-scaled'] as const).map((name) => new BottomUpExpert(name, summed, this.#bins));
    this.#experts.push(...made);
    return made;
  }
}
