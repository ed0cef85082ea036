// Declared jobs: load that somebody announced. What is declared is a prior; the runs that were seen pull it to what they showed, and within a
// run each bin says more. The experts never see job load: it is taken out of the history and added to their forecasts, so it works from the first run.
import type { History } from './history.ts';
import { levelCount, median, normalAt } from './levels.ts';
import type { ProphetCurve } from './prophet-curve.ts';

export interface JobRun {
  readonly startSec: number;
  /** Seconds; a run counts for `runSecMax` at most, whatever is declared. */
  readonly durationSec: number;
  /** Declared load per bin while it runs, in the unit of the binned series. */
  readonly load: number;
}

export interface Job {
  readonly name: string;
  /** In any order. */
  readonly runs: readonly JobRun[];
}

const runSecMax = 86_400;
/** Declared sizes are more often too big than too small; being half wrong is common. */
const priorFactor = 0.85;
const priorVariance = 0.16;
/** The declaration weighs as much as so many runs. */
const priorRuns = 0.3;
const leastVariance = 0.0025;
/** Noise of one bin seen against the level before the run, in local scales. */
const noiseScales = 3;

class JobState {
  readonly runs: readonly JobRun[];
  #next = 0;
  #running: JobRun | undefined;
  /** What the present run, else the next, is thought to be, as a factor on the declaration. */
  factor = priorFactor;
  variance = priorVariance;
  #sum = 0;
  #squares = 0;
  #count = 0;
  #base = 0;
  #curve = 0;
  #sinceSec = 0;

  constructor(job: Job) {
    this.runs = job.runs
      .filter(
        ({ startSec, durationSec, load }) => Number.isFinite(startSec) && durationSec > 0 && load > 0 && load < 1e15,
      )
      .map((run) => ({ ...run, durationSec: Math.min(runSecMax, run.durationSec) }))
      .sort((a, b) => a.startSec - b.startSec);
  }

  /** Declared load in the bins that begin at `fromSec` … `toSec` (start of the last), per bin. */
  declared(fromSec: number, toSec: number, stepSec: number): number {
    let sum = 0;
    for (let at = this.#next; at < this.runs.length; at++) {
      const run = this.runs[at]!;
      if (run.startSec >= toSec + stepSec) break;
      const overlapSec = Math.min(run.startSec + run.durationSec, toSec + stepSec) - Math.max(run.startSec, fromSec);
      if (overlapSec > 0) sum += (run.load * overlapSec) / (toSec + stepSec - fromSec);
    }
    return sum;
  }

  /** A bin was measured; returns what of it is the job's. `base`: the level without jobs before this bin. */
  observe(value: number, timeSec: number, stepSec: number, base: number, curve: number, scale: number): number {
    while (this.#next < this.runs.length && endOf(this.runs[this.#next]!) <= timeSec) this.#next++;
    const declared = this.declared(timeSec, timeSec, stepSec);
    const run = declared > 0 ? this.runs[this.#next] : undefined;
    if (run !== this.#running) {
      if (this.#running !== undefined) this.#close();
      this.#running = run;
      [this.#base, this.#curve, this.#sinceSec] = [base, curve, timeSec];
    }
    if (run === undefined || !Number.isFinite(value)) return declared * this.factor;
    const moved = Number.isFinite(curve) && Number.isFinite(this.#curve) ? curve - this.#curve : 0;
    const seen = (value - this.#base - moved) / declared;
    const noise = ((noiseScales * scale) / declared) ** 2 * (1 + (timeSec - this.#sinceSec) / 3600);
    const gain = this.variance / (this.variance + noise);
    this.factor = Math.max(0, this.factor + gain * (Math.min(20, seen) - this.factor));
    this.variance = Math.max(leastVariance, this.variance * (1 - gain));
    return declared * this.factor;
  }

  /** A run is over: the next is thought to be like the runs so far. */
  #close(): void {
    this.#sum += this.factor;
    this.#squares += this.factor * this.factor;
    this.#count++;
    const weight = this.#count + priorRuns;
    const mean = (this.#sum + priorRuns * priorFactor) / weight;
    const spread = Math.max(0, this.#squares - 2 * mean * this.#sum + this.#count * mean * mean);
    this.factor = mean;
    this.variance = Math.max(leastVariance, (spread + priorRuns * priorVariance) / weight);
  }
}

const endOf = (run: JobRun): number => run.startSec + run.durationSec;

export class JobLoad {
  readonly #states: readonly JobState[];

  constructor(jobs: readonly Job[]) {
    this.#states = jobs.map((job) => new JobState(job)).filter(({ runs }) => runs.length > 0);
  }

  /** A measured bin without what its jobs put into it. NaN stays NaN. */
  without(value: number, history: History, curve: ProphetCurve): number {
    if (this.#states.length === 0) return value;
    const index = history.length;
    const base = index > history.first ? history.smooth[2]! : 0;
    const expected = curve.mean(index, index);
    let left = value;
    for (const state of this.#states) {
      left -= state.observe(left, history.timeSec(index), history.stepSec, base, expected, history.scale.now);
    }
    return Number.isFinite(value) ? Math.max(0, left) : Number.NaN;
  }

  /** Adds the jobs of the bins that begin at `fromSec` … `toSec` to a row of quantiles: their load, and what is not known of it. */
  add(row: Float64Array, fromSec: number, toSec: number, stepSec: number): boolean {
    let load = 0;
    let variance = 0;
    for (const state of this.#states) {
      const declared = state.declared(fromSec, toSec, stepSec);
      load += declared * state.factor;
      variance += declared * declared * state.variance;
    }
    if (load === 0 && variance === 0) return false;
    const centre = row[median]!;
    for (let at = 0; at < levelCount; at++) {
      const distance = row[at]! - centre;
      const spread = Math.sqrt(distance * distance + variance * normalAt[at]! ** 2);
      row[at] = centre + load + (at < median ? -spread : spread);
    }
    return true;
  }
}
