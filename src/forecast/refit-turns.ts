// Who is fitted anew, and when: everybody within the hour, in turn, so that no bin has to wait for all of them at once. In a fleet too large for
// that the hour becomes longer, never the work per bin.

export interface Refittable {
  readonly forecaster: { refit(trees: boolean | number): void };
  readonly withTrees?: boolean;
}

const linearEverySec = 3600;
/** One of two sets of trees each time. */
const treesEverySec = 3600;
/** Fits per bin while not everybody with trees has had both sets. */
const treesCatchingUp = 3;
const refitsPerBinUsual = 100;

export class RefitTurns {
  readonly #stepSec: number;
  readonly #perBinMax: number;
  #turn = 0;
  #treesTurn = 0;
  readonly #trees = new Map<Refittable, number>();

  constructor(stepSec: number, perBinMax = refitsPerBinUsual) {
    this.#stepSec = stepSec;
    this.#perBinMax = perBinMax;
  }

  /** A bin has been taken by all of `series`: some of them are fitted. */
  take(series: readonly Refittable[]): void {
    const count = Math.min(series.length, this.#perBinMax, perBin(series.length, linearEverySec, this.#stepSec));
    for (let each = 0; each < count; each++) series[this.#turn++ % series.length]!.forecaster.refit(false);
    this.#turn %= Math.max(1, series.length);
    this.#takeTrees(series.filter(({ withTrees }) => withTrees === true));
  }

  #takeTrees(series: readonly Refittable[]): void {
    for (const each of this.#trees.keys()) if (!series.includes(each)) this.#trees.delete(each);
    const lacking = series.some((each) => (this.#trees.get(each) ?? 0) < 2);
    const usual = Math.min(series.length, perBin(series.length, treesEverySec, this.#stepSec));
    const count = lacking ? Math.max(usual, Math.min(treesCatchingUp, series.length)) : usual;
    for (let each = 0; each < count; each++) {
      const next = series[this.#treesTurn++ % series.length]!;
      const done = this.#trees.get(next) ?? 0;
      next.forecaster.refit(done);
      this.#trees.set(next, done + 1);
    }
    this.#treesTurn %= Math.max(1, series.length);
  }
}

const perBin = (count: number, everySec: number, stepSec: number): number =>
  Math.ceil(count / Math.max(1, Math.round(everySec / stepSec)));
