// What this process knows of a partition by asking it: how much is under way, how fast it answers against its own usual, how much it can take
// at once, and whether it is there at all. News that others could tell would be too old to steer reads by.

/** `struggling`: slower than usual, or failing now and then; `down`: not asked until a probe finds it again. */
export type HealthState = 'up' | 'struggling' | 'down';

/** `busy`: it said that it has too much to do; `failed`: it could not be reached, or broke off. */
export type Outcome = 'good' | 'busy' | 'failed';

/** Of the last twenty answers or so, and of the last thousand. */
const fastPart = 0.05;
const slowPart = 0.001;
/** A slow answer says less about what is usual: a partition that stays slow is taken for a slow one in the end. */
const slowAnswerPart = slowPart / 10;
/** Fewer answers tell nothing of what is usual. */
const knownAfter = 20;
export const slowFactor = 2;
/** One that is slow is so until it is nearly as usual again: in between, chance would have it so at one moment and otherwise at the next. */
const calmFactor = 1.4;
const latePart = 0.95;
const lateStep = 0.05;
const failingShare = 0.1;
const failuresInARow = 5;
const limitMin = 4;
const limitMax = 1024;
const limitFirst = 32;
const limitCut = 0.8;

/** What it was granted by its operator, where that is known: no more than this can be under way there and do well. */
export interface Granted {
  /** Operations under way at a moment. */
  readonly concurrency?: number | undefined;
  /** Reads per second. */
  readonly readOps?: number | undefined;
  /** Time that what was asked of it already will take by what it was granted. */
  readonly backlogMs?: () => number;
}

const grantedMin = 2;

export class PartitionHealth {
  readonly #granted: Granted;
  #inFlight = 0;
  #answers = 0;
  #latencyMs = Number.NaN;
  #usualMs = Number.NaN;
  #lateMs = Number.NaN;
  #failing = 0;
  #failures = 0;
  #isDown = false;
  #isSlow = false;
  #limit = limitFirst;
  #cutMs = Number.NEGATIVE_INFINITY;

  constructor(granted: Granted = {}) {
    this.#granted = granted;
  }

  /** Operations that have begun and not ended. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * How many at once it seems able to take (additive increase, multiplicative decrease; Chiu and Jain 1989), and no more than it was granted:
   * of reads per second, by Little's law. Nobody is refused by it.
   */
  get limit(): number {
    const { concurrency = Number.POSITIVE_INFINITY, readOps = Number.POSITIVE_INFINITY } = this.#granted;
    const byRate = this.#answers < knownAfter ? Number.POSITIVE_INFINITY : (readOps * this.#usualMs) / 1000;
    return Math.min(this.#limit, Math.max(grantedMin, Math.min(concurrency, byRate)));
  }

  /** Zero where nobody knows. */
  get backlogMs(): number {
    return this.#granted.backlogMs?.() ?? 0;
  }

  /** Until the first bytes of a read come, of late; NaN before the first answer. */
  get latencyMs(): number {
    return this.#latencyMs;
  }

  /** The same over a long time: what it is judged by. */
  get usualMs(): number {
    return this.#usualMs;
  }

  /** Reads whose first bytes take longer are the slowest twentieth, of late; NaN before enough answers. */
  get lateMs(): number {
    return this.#answers < knownAfter ? Number.NaN : this.#lateMs;
  }

  get isSlow(): boolean {
    return this.#isSlow;
  }

  get state(): HealthState {
    if (this.#isDown) return 'down';
    return this.isSlow || this.#failing > failingShare ? 'struggling' : 'up';
  }

  begin(): void {
    this.#inFlight += 1;
  }

  end(): void {
    this.#inFlight -= 1;
  }

  /** `latencyMs`: of a read that was answered. */
  note(outcome: Outcome, nowMs: number, latencyMs?: number): void {
    this.#failing += fastPart * ((outcome === 'good' ? 0 : 1) - this.#failing);
    if (outcome === 'failed') this.#failures += 1;
    else this.#failures = 0;
    if (this.#failures >= failuresInARow) this.#isDown = true;
    if (latencyMs !== undefined) this.#learn(latencyMs);
    if (outcome === 'busy' || this.isSlow) this.#cut(nowMs);
    else if (outcome === 'good' && this.#inFlight >= this.#limit / 2) {
      this.#limit = Math.min(limitMax, this.#limit + 1 / this.#limit);
    }
  }

  /** A probe got an answer: it may be asked again, and is judged anew. */
  recovered(): void {
    this.#isDown = false;
    this.#failures = 0;
    this.#failing = 0;
    this.#latencyMs = this.#usualMs;
    this.#isSlow = false;
  }

  #learn(latencyMs: number): void {
    this.#answers += 1;
    if (this.#answers <= knownAfter) {
      const before = this.#answers === 1 ? 0 : this.#usualMs;
      this.#usualMs = before + (latencyMs - before) / this.#answers;
      this.#latencyMs = this.#usualMs;
      this.#lateMs = Math.max(this.#lateMs || 0, latencyMs);
      return;
    }
    // The quantile of a stream (Robbins and Monro 1951): up by 0.95 steps for each answer beyond it, down by 0.05 for each within.
    this.#lateMs += lateStep * this.#usualMs * (latencyMs > this.#lateMs ? latePart : latePart - 1);
    this.#latencyMs += fastPart * (latencyMs - this.#latencyMs);
    const part = this.#isSlow || latencyMs > slowFactor * this.#usualMs ? slowAnswerPart : slowPart;
    this.#usualMs += part * (latencyMs - this.#usualMs);
    this.#isSlow = this.#latencyMs > (this.#isSlow ? calmFactor : slowFactor) * this.#usualMs;
  }

  /** Once in the time of an answer: those that are under way tell of the same moment. */
  #cut(nowMs: number): void {
    if (nowMs - this.#cutMs < (this.#latencyMs || 0)) return;
    this.#cutMs = nowMs;
    this.#limit = Math.max(limitMin, this.#limit * limitCut);
  }
}
