// The greatest bin of a window: past paths say how it lies, what came true sets its width. Said of partitions, it is judged as if areas had lain
// then as they lie now.
import { type Fan, maxRow } from './fan.ts';
import { levelCount, tidy } from './levels.ts';
import type { PartitionSeries } from './partition-series.ts';
import { WidthControl } from './width-control.ts';

interface Said {
  bin: number;
  /** Sum of the areas' medians then, and the published row relative to it. */
  point: number;
  readonly row: Float64Array;
}

class WindowMax {
  readonly #horizon: number;
  readonly #width: WidthControl;
  readonly #said: readonly Said[];
  #learnt = Number.NEGATIVE_INFINITY;

  constructor(horizon: number) {
    this.#horizon = horizon;
    this.#width = new WidthControl(horizon);
    this.#said = Array.from({ length: horizon + 1 }, () => ({ bin: -1, point: 0, row: new Float64Array(levelCount) }));
  }

  row(series: PartitionSeries, fan: Fan): Float64Array {
    const bin = series.newestBin;
    const place = series.forecaster.targets.findIndex(({ from, to }) => from === to && to === this.#horizon);
    if (bin > this.#learnt) this.#learn(series, bin, place);
    const row = maxRow(fan, this.#horizon);
    this.#width.widen(row, series.forecaster.history.scale.now);
    tidy(row, 0);
    // No maximum is below a step of it.
    for (let at = 0; at < levelCount; at++) {
      for (let step = 0; step < this.#horizon; step++) row[at] = Math.max(row[at]!, fan.steps[step]![at]!);
    }
    const said = this.#said[bin % this.#said.length]!;
    // What is declared is no part of the past that it is judged by.
    said.bin = series.bring(1, this.#horizon) === undefined ? bin : -1;
    said.point = series.pointAt(place, bin);
    said.row.set(row);
    return row;
  }

  #learn(series: PartitionSeries, bin: number, place: number): void {
    this.#learnt = bin;
    const origin = bin - this.#horizon;
    const said = this.#said[(bin + 1) % this.#said.length]!;
    if (said.bin !== origin) return;
    let actual = 0;
    for (let each = origin + 1; each <= bin; each++) {
      if (series.forecaster.history.isMissing(each - series.firstBin)) return;
      actual = Math.max(actual, series.valueAt(each));
    }
    const moved = series.pointAt(place, origin) - said.point;
    if (Number.isFinite(moved)) this.#width.learn(said.row, actual - moved);
  }
}

export class WindowMaxima {
  readonly #of = new WeakMap<PartitionSeries, Map<number, WindowMax>>();

  /** Quantiles of the greatest of the next `horizon` bins; asked once per bin, it learns how good it is. */
  row(series: PartitionSeries, fan: Fan, horizon: number): Float64Array {
    const known = this.#of.get(series) ?? new Map<number, WindowMax>();
    this.#of.set(series, known);
    const max = known.get(horizon) ?? new WindowMax(horizon);
    known.set(horizon, max);
    return max.row(series, fan);
  }
}
