// One target of one series: asks the experts, mixes, sets the width, remembers what was said, and learns when it comes true.
import type { Expert } from './expert.ts';
import { featureCount, fillFeatures } from './features.ts';
import type { History } from './history.ts';
import { LinearExpert } from './learning-experts.ts';
import { levelCount, tidy } from './levels.ts';
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

  constructor(target: Target, history: History, curve: ProphetCurve, withTrees: boolean) {
    this.target = target;
    this.#history = history;
    this.#curve = curve;
    this.#trees = withTrees ? [new TreesExpert('trees', target.to), new TreesExpert('prophet-trees', target.to)] : [];
    this.#experts = [new EwmaExpert(), new WindowMeanExpert(), new ProphetArExpert(), this.#linear, ...this.#trees];
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
