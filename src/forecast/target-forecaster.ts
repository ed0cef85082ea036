// One target of one series: asks the experts, mixes, sets the width, remembers what was said, and learns when it comes true.
import type { Expert } from './expert.ts';
import { featureCount, fillFeatures } from './features.ts';
import type { History } from './history.ts';
import { LinearExpert } from './learning-experts.ts';
import { levelCount, median, tidy } from './levels.ts';
import { Mixture } from './mixture.ts';
import { Origin, type Target } from './origin.ts';
import { ProphetArExpert } from './prophet-ar-expert.ts';
import type { ProphetCurve } from './prophet-curve.ts';
import { EwmaExpert, WindowMeanExpert } from './simple-experts.ts';
import { TrainingRows } from './training-rows.ts';
import { TreesExpert } from './trees-expert.ts';
import { WidthControl } from './width-control.ts';

const windowBins = 12;
/** A loss counts as so many of the mean changes of a week at most. */
const lossMaxWeekly = 200;

/** How another past moves what was said at one origin. */
export interface Rebase {
  /** Added to the values then, and to what was said of the target. */
  readonly value: number;
  readonly target: number;
  /** Factor on the local scale. */
  readonly widen: number;
}

/** What was said at one origin. */
class Said {
  readonly origin = new Origin(featureCount);
  readonly rows: Float64Array;
  readonly ready: Uint8Array;
  readonly mixed = new Float64Array(levelCount);
  readonly published = new Float64Array(levelCount);
  constructor(experts: number) {
    this.rows = new Float64Array(experts * levelCount);
    this.ready = new Uint8Array(experts);
  }
}

export class TargetForecaster {
  readonly target: Target;
  readonly #history: History;
  readonly #curve: ProphetCurve;
  readonly #linear = new LinearExpert();
  readonly #trees: readonly TreesExpert[];
  readonly #experts: readonly Expert[];
  readonly #training = new TrainingRows();
  readonly #mixture: Mixture;
  readonly #width: WidthControl;
  readonly #said: Said[];
  readonly #views: Float64Array[][];

  constructor(
    target: Target,
    history: History,
    curve: ProphetCurve,
    withTrees: boolean,
    added: readonly Expert[] = [],
  ) {
    this.target = target;
    this.#history = history;
    this.#curve = curve;
    this.#trees = withTrees ? [new TreesExpert('trees', target.to), new TreesExpert('prophet-trees', target.to)] : [];
    this.#experts = [
      new EwmaExpert(),
      new WindowMeanExpert(),
      new ProphetArExpert(),
      this.#linear,
      ...this.#trees,
      ...added,
    ];
    this.#mixture = new Mixture(this.#experts.length, history.stepSec);
    this.#width = new WidthControl(target.to);
    this.#said = Array.from({ length: target.to + 1 }, () => new Said(this.#experts.length));
    this.#views = this.#said.map(({ rows }) =>
      this.#experts.map((_, each) => rows.subarray(each * levelCount, (each + 1) * levelCount)),
    );
  }

  /** The mix's weights, by expert. */
  weights(): Record<string, number> {
    return Object.fromEntries(this.#experts.map(({ name }, each) => [name, this.#mixture.weights[each]!]));
  }

  /** `trees`: all sets of trees, none, or the one whose turn it is (a number that counts up). */
  refit(trees: 'all' | 'none' | number): void {
    this.#linear.refit(this.#training);
    this.#trees.forEach((set, at) => {
      if (trees === 'all' || (trees !== 'none' && trees % this.#trees.length === at)) set.refit(this.#training);
    });
  }

  get isFitted(): boolean {
    return this.#linear.isFitted;
  }

  /** The history was rewritten: what was said and has not come true yet is judged as if it had been said of the new one. */
  rebase(of: (index: number, target: Target) => Rebase): void {
    for (const { origin, rows, mixed, published } of this.#said) {
      if (origin.index < this.#history.length - 1 - this.target.to) continue;
      const { value, target, widen } = of(origin.index, this.target);
      origin.value += value;
      origin.windowMean += value;
      origin.prophetNow += value;
      origin.prophetTarget += target;
      origin.scale *= widen;
      for (let each = 0; each < origin.smooth.length; each++) origin.smooth[each] = origin.smooth[each]! + value;
      for (const row of [mixed, published]) moveRow(row, 0, target, widen);
      for (let each = 0; each < this.#experts.length; each++) moveRow(rows, each * levelCount, target, widen);
    }
  }

  /** The newest bin of the history has come: what was said of it is judged, then the next is said. Returns the published row. */
  step(actual: number): Float64Array {
    const index = this.#history.length - 1;
    const due = this.#said[(index - this.target.to + this.#said.length * 2) % this.#said.length]!;
    if (due.origin.index === index - this.target.to && Number.isFinite(actual)) this.#learn(due, actual);
    const slot = index % this.#said.length;
    return this.#say(this.#said[slot]!, this.#views[slot]!);
  }

  #say(said: Said, views: readonly Float64Array[]): Float64Array {
    const { origin } = said;
    const history = this.#history;
    const index = history.length - 1;
    origin.index = index;
    origin.value = history.at(index);
    origin.scale = history.scale.now;
    origin.smooth.set(history.smooth);
    origin.windowMean = history.mean(Math.max(history.first, index - windowBins + 1), index);
    origin.prophetTarget = this.#curve.mean(index + this.target.from, index + this.target.to);
    origin.prophetNow = this.#curve.mean(index, index);
    origin.prophetError = this.#curve.error;
    fillFeatures(origin, history, this.target);
    for (let each = 0; each < this.#experts.length; each++) {
      const ready = this.#experts[each]!.forecast(origin, views[each]!);
      said.ready[each] = ready ? 1 : 0;
      if (ready) tidy(views[each]!, origin.value);
    }
    this.#mixture.mix(said.rows, said.ready, said.mixed);
    said.published.set(said.mixed);
    this.#width.widen(said.published, origin.scale);
    tidy(said.published, origin.value);
    return said.published;
  }

  #learn(said: Said, actual: number): void {
    const { origin } = said;
    for (const expert of this.#experts) expert.learn(origin, actual);
    this.#training.add(origin, actual);
    this.#mixture.learn(said.rows, said.ready, said.mixed, actual, lossMaxWeekly * this.#history.scale.week);
    this.#width.learn(said.published, actual);
  }
}

/** Moves a row of quantiles, and stretches it around its median; loads stay loads. */
function moveRow(rows: Float64Array, from: number, by: number, stretch: number): void {
  const centre = rows[from + median]!;
  for (let at = from; at < from + levelCount; at++)
    rows[at] = Math.max(0, centre + by + stretch * (rows[at]! - centre));
}
