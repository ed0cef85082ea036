// What is thought of a declaration: which part of it comes true, and how sure that is. A prior to begin with; bins that are seen pull it to
// what they show, and after a run the next is thought to be like the runs so far.

export interface BeliefPrior {
  readonly factor: number;
  readonly variance: number;
  /** The declaration weighs as much as so many runs. */
  readonly runs: number;
}

/** Declared sizes are more often too big than too small; being half wrong is common. */
export const sizePrior: BeliefPrior = { factor: 0.85, variance: 0.16, runs: 0.3 };

const leastVariance = 0.0025;
/** No run shows more than so many times what was declared. */
const seenMax = 20;

export class Belief {
  readonly #prior: BeliefPrior;
  factor: number;
  variance: number;
  #sum = 0;
  #squares = 0;
  #count = 0;

  constructor(prior: BeliefPrior) {
    this.#prior = prior;
    this.factor = prior.factor;
    this.variance = prior.variance;
  }

  /** Runs that are over. */
  get runs(): number {
    return this.#count;
  }

  /** One bin showed `seen` of what was declared, with a noise of this variance. */
  learn(seen: number, noise: number): void {
    const gain = this.variance / (this.variance + noise);
    this.factor = Math.max(0, this.factor + gain * (Math.min(seenMax, seen) - this.factor));
    this.variance = Math.max(leastVariance, this.variance * (1 - gain));
  }

  /** Of what is declared now a `ratio` is what was declared before: the same load is another part of it. */
  rescale(ratio: number): void {
    this.factor *= ratio;
    this.variance = Math.max(leastVariance, this.variance * ratio * ratio);
    this.#sum *= ratio;
    this.#squares *= ratio * ratio;
  }

  /** A run is over: the next is thought to be like the runs so far. */
  close(): void {
    const { factor, variance, runs } = this.#prior;
    this.#sum += this.factor;
    this.#squares += this.factor * this.factor;
    this.#count++;
    const weight = this.#count + runs;
    const mean = (this.#sum + runs * factor) / weight;
    const spread = Math.max(0, this.#squares - 2 * mean * this.#sum + this.#count * mean * mean);
    this.factor = mean;
    this.variance = Math.max(leastVariance, (spread + runs * variance) / weight);
  }
}
