// Days that are like another weekday: a holiday that is a Sunday. On such a day a series differs from what it does on that weekday by what the
// two weekdays usually differ at that time of day, as the last weeks show.
import { Belief, type BeliefPrior } from './belief.ts';
import type { Span } from './factor-load.ts';
import type { History } from './history.ts';
import { type Ahead, type Brought, type Moment, type Prior, RunBase } from './prior.ts';

export interface LikeDay extends Span {
  /** So many days before it lies a day of the weekday that it is like: 0–6. */
  readonly daysBack: number;
}

export interface LikeDays {
  readonly name: string;
  /** Times the level of the weekday that they are like. */
  readonly factor: number;
  /** Ascending, apart. */
  readonly days: readonly LikeDay[];
  readonly note?: string;
}

const weeks = 4;
/** The usual level of a moment is a mean over so much to either side. */
const smoothSec = 1800;
/** Who says that a day is like another is mostly right. */
const prior: BeliefPrior = { factor: 0.9, variance: 0.1, runs: 0.3 };
/** Bins of one day err together: so many seconds of them say as much as one. */
const togetherSec = 7200;

export class LikeDayLoad implements Prior {
  readonly kind = 'calendar';
  readonly name: string;
  #declared: LikeDays;
  readonly #belief = new Belief(prior);
  readonly #base = new RunBase();
  #day: number | undefined;

  constructor(declared: LikeDays) {
    this.name = declared.name;
    this.#declared = declared;
  }

  get note(): string | undefined {
    return this.#declared.note;
  }

  get factor(): number {
    return this.#belief.factor;
  }

  get runs(): number {
    return this.#belief.runs;
  }

  /** Takes over what is declared now, and keeps what was seen. False when it is declared of another size. */
  adopt(declared: LikeDays): boolean {
    if (declared.factor !== this.#declared.factor) return false;
    this.#declared = declared;
    return true;
  }

  guess({ history, timeSec, stepSec }: Moment): number {
    return this.#differs(history, timeSec, timeSec, stepSec) * this.factor;
  }

  observe(moment: Moment, value: number): number {
    const { history, timeSec, stepSec } = moment;
    const day = this.#declared.days.find(({ fromSec, toSec }) => fromSec < timeSec + stepSec && toSec > timeSec)?.toSec;
    if (day !== this.#day) {
      if (this.#day !== undefined) this.#belief.close();
      this.#day = day;
      this.#base.begin(moment);
    }
    const declared = this.#differs(history, timeSec, timeSec, stepSec);
    if (declared !== 0 && Number.isFinite(value)) {
      const together = Math.max(1, togetherSec / stepSec);
      this.#belief.learn((value - this.#base.level(moment)) / declared, together * this.#base.noise(moment, declared));
    }
    return declared * this.factor;
  }

  bring({ history, fromSec, toSec, stepSec }: Ahead, _level: number, to: Brought): boolean {
    const declared = this.#differs(history, fromSec, toSec, stepSec);
    to.load = declared * this.factor;
    to.variance = declared * declared * this.#belief.variance;
    to.stretch = 1;
    return declared !== 0;
  }

  /** Mean difference of the bins that begin at `fromSec` … `toSec` from an ordinary day; 0 where the history cannot tell. */
  #differs(history: History, fromSec: number, toSec: number, stepSec: number): number {
    let sum = 0;
    let bins = 0;
    for (let atSec = fromSec; atSec <= toSec; atSec += stepSec) {
      bins++;
      for (const day of this.#declared.days) {
        if (day.fromSec >= atSec + stepSec) break;
        const overlapSec = Math.min(day.toSec, atSec + stepSec) - Math.max(day.fromSec, atSec);
        if (overlapSec <= 0) continue;
        const usual = usualLevel(history, atSec, 0);
        const like = usualLevel(history, atSec, day.daysBack);
        const differs = this.#declared.factor * like - usual;
        if (Number.isFinite(differs)) sum += (differs * overlapSec) / stepSec;
      }
    }
    return bins === 0 ? 0 : sum / bins;
  }
}

/** Mean level at that time of day on the last weekdays of the kind that lies `daysBack` days before `atSec`; NaN: none is known. */
export function usualLevel(history: History, atSec: number, daysBack: number): number {
  const last = history.length - 1;
  const index = Math.round((atSec - history.startSec) / history.stepSec) - daysBack * history.binsPerDay;
  const around = Math.floor(smoothSec / history.stepSec);
  let sum = 0;
  let found = 0;
  for (let at = index > last - around ? index - history.binsPerWeek : index; found < weeks; at -= history.binsPerWeek) {
    if (at - around < history.first) break;
    if (at + around > last) continue;
    sum += history.mean(at - around, at + around);
    found++;
  }
  return found === 0 ? Number.NaN : sum / found;
}
