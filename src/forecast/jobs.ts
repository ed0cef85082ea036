// Declared jobs: load that somebody announced. What is declared is a prior; the runs that were seen pull it to what they showed, and within a
// run each bin says more. The experts never see job load: it is taken out of the history and added to their forecasts, so it works from the first run.
import { Belief, sizePrior } from './belief.ts';
import { type Ahead, type Brought, type Moment, type Prior, RunBase } from './prior.ts';

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
  /** What the operator declared, of which the runs' load is the series' part; the part may change while the declaration stays. */
  readonly whole?: number;
}

const runSecMax = 7 * 86_400;
const loadMax = 1e15;

export class JobLoad implements Prior {
  readonly kind = 'job';
  readonly name: string;
  readonly note = undefined;
  #runs: readonly JobRun[] = [];
  /** The first run that is not over. */
  #next = 0;
  #runningSec = Number.NaN;
  readonly #belief = new Belief(sizePrior);
  readonly #base = new RunBase();

  /** Declared of its runs; kept while none is near. */
  #load: number | undefined;

  #whole: number | undefined;

  constructor(job: Job) {
    this.name = job.name;
    this.#whole = job.whole;
    this.#take(soundRuns(job));
  }

  get factor(): number {
    return this.#belief.factor;
  }

  get runs(): number {
    return this.#belief.runs;
  }

  /** Takes over other runs of the same job, and keeps what the past ones showed. False when it is declared of another size. */
  adopt(job: Job): boolean {
    const runs = soundRuns(job);
    const load = runs[0]?.load ?? this.#load;
    if (load !== this.#load && load !== undefined && this.#load !== undefined) {
      if (job.whole === undefined || job.whole !== this.#whole) return false;
      this.#belief.rescale(this.#load / load);
    }
    this.#whole = job.whole;
    this.#take(runs);
    return true;
  }

  #take(runs: readonly JobRun[]): void {
    this.#runs = runs;
    this.#next = 0;
    this.#load = runs[0]?.load ?? this.#load;
  }

  guess({ timeSec, stepSec }: Moment): number {
    return this.#declared(timeSec, timeSec, stepSec) * this.factor;
  }

  observe(moment: Moment, value: number): number {
    const { timeSec, stepSec } = moment;
    while (this.#next < this.#runs.length && endOf(this.#runs[this.#next]!) <= timeSec) this.#next++;
    const declared = this.#declared(timeSec, timeSec, stepSec);
    const runningSec = declared > 0 ? this.#runs[this.#next]!.startSec : Number.NaN;
    if (!Object.is(runningSec, this.#runningSec)) {
      if (Number.isFinite(this.#runningSec)) this.#belief.close();
      this.#runningSec = runningSec;
      this.#base.begin(moment);
    }
    if (declared > 0 && Number.isFinite(value)) {
      this.#belief.learn((value - this.#base.level(moment)) / declared, this.#base.noise(moment, declared));
    }
    return declared * this.factor;
  }

  bring({ fromSec, toSec, stepSec }: Ahead, _level: number, to: Brought): boolean {
    const declared = this.#declared(fromSec, toSec, stepSec);
    to.load = declared * this.factor;
    to.variance = declared * declared * this.#belief.variance;
    to.stretch = 1;
    return declared > 0;
  }

  /** Declared load in the bins that begin at `fromSec` … `toSec` (start of the last), per bin. */
  #declared(fromSec: number, toSec: number, stepSec: number): number {
    let sum = 0;
    for (let at = this.#next; at < this.#runs.length; at++) {
      const run = this.#runs[at]!;
      if (run.startSec >= toSec + stepSec) break;
      const overlapSec = Math.min(endOf(run), toSec + stepSec) - Math.max(run.startSec, fromSec);
      if (overlapSec > 0) sum += (run.load * overlapSec) / (toSec + stepSec - fromSec);
    }
    return sum;
  }
}

const endOf = (run: JobRun): number => run.startSec + run.durationSec;

const soundRuns = ({ runs }: Job): JobRun[] =>
  runs
    .filter(
      ({ startSec, durationSec, load }) => Number.isFinite(startSec) && durationSec > 0 && load > 0 && load < loadMax,
    )
    .map((run) => ({ ...run, durationSec: Math.min(runSecMax, run.durationSec) }))
    .sort((a, b) => a.startSec - b.startSec);
