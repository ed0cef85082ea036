// What the areas of a fleet have in common, one resource at a time: how load goes through the day, and how far off forecasts are, both as
// parts of an area's level. It stands in for what a young area cannot know of itself.
import type { AreaSeries } from './area-series.ts';
import { levelCount, levels } from './levels.ts';
import type { Target } from './origin.ts';
import { SortedWindow } from './sorted-window.ts';

/** A time of day follows the last days. */
const profileRate = 0.15;
const ratioMax = 20;
const errorsKept = 2000;
const errorsMin = 30;
/** So many areas' errors are taken in per bin, in turn. */
const areasPerBin = 8;

export class FleetHabits {
  readonly #binsPerDay: number;
  readonly #profile: Float64Array;
  readonly #seen: Uint8Array;
  readonly #targets: readonly Target[];
  readonly #errors: readonly SortedWindow[];
  #turn = 0;

  constructor(stepSec: number, targets: readonly Target[]) {
    this.#binsPerDay = Math.max(1, Math.round(86_400 / stepSec));
    this.#profile = new Float64Array(this.#binsPerDay).fill(1);
    this.#seen = new Uint8Array(this.#binsPerDay);
    this.#targets = targets;
    this.#errors = targets.map(() => new SortedWindow(errorsKept));
  }

  /** Has it seen anything of the errors of others? */
  get isReady(): boolean {
    return this.#errors.every(({ count }) => count >= errorsMin);
  }

  /** Takes in what the areas that are no longer young did in a bin. */
  learn(areas: readonly AreaSeries[], bin: number): void {
    let sum = 0;
    let level = 0;
    for (const area of areas) {
      if (area.isMissing(bin)) continue;
      sum += area.valueAt(bin);
      level += area.level;
    }
    if (level > 0) {
      const at = bin % this.#binsPerDay;
      const seen = Math.min(254, this.#seen[at]!) + 1;
      this.#seen[at] = seen;
      const rate = Math.max(profileRate, 1 / seen);
      this.#profile[at] = this.#profile[at]! + rate * (Math.min(ratioMax, sum / level) - this.#profile[at]!);
    }
    for (let each = 0; each < Math.min(areasPerBin, areas.length); each++) {
      const area = areas[this.#turn++ % areas.length]!;
      this.#targets.forEach((target, at) => {
        const said = area.pointAt(at, bin - target.to);
        if (!Number.isFinite(said) || area.isMissing(bin) || !(area.level > 0) || bin - target.to < area.firstBin)
          return;
        const error = (area.actualAt(target, bin - target.to) - said) / area.level;
        this.#errors[at]!.add(Math.max(-ratioMax, Math.min(ratioMax, error)));
      });
    }
  }

  /** Mean part of the day's level in the bins `from` … `to` (since 1970). */
  profile(from: number, to: number): number {
    let sum = 0;
    for (let bin = from; bin <= to; bin++) sum += this.#profile[bin % this.#binsPerDay]!;
    return sum / (to - from + 1);
  }

  /** Quantiles of the errors of others, as parts of their levels. */
  writeErrors(target: Target, row: Float64Array): void {
    const at = this.#targets.findIndex(({ from, to }) => from === target.from && to === target.to);
    for (let each = 0; each < levelCount; each++) row[each] = this.#errors[at]!.quantile(levels[each]!);
  }
}
