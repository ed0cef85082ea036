// Spans of time in which demand is declared to be so many times the usual one: hot-spot hints, and days of a calendar. What is measured then is
// divided by the factor, so that the experts see an ordinary day, and what they say is multiplied by it.
import { Belief, sizePrior } from './belief.ts';
import { type Ahead, type Brought, type Moment, type Prior, type PriorKind, RunBase } from './prior.ts';

export interface Span {
  readonly fromSec: number;
  /** Exclusive. */
  readonly toSec: number;
}

export interface DeclaredFactor {
  readonly kind: PriorKind;
  readonly name: string;
  /** Above 0. */
  readonly factor: number;
  /** Part of the series that it is declared of, as far as is known: 0–1. */
  readonly part: number;
  /** Ascending, apart. */
  readonly spans: readonly Span[];
  readonly note?: string;
}

/** Less than this is never left of a series. */
const leastShare = 0.01;

export class FactorLoad implements Prior {
  readonly kind: PriorKind;
  readonly name: string;
  #declared: DeclaredFactor;
  readonly #belief = new Belief(sizePrior);
  readonly #base = new RunBase();
  #span: Span | undefined;

  constructor(declared: DeclaredFactor) {
    this.kind = declared.kind;
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
  adopt(declared: DeclaredFactor): boolean {
    if (declared.factor !== this.#declared.factor) return false;
    if (declared.part !== this.#declared.part) this.#belief.rescale(this.#declared.part / declared.part);
    this.#declared = declared;
    return true;
  }

  guess({ timeSec, stepSec }: Moment, value: number): number {
    const overlap = overlapOf(this.#declared.spans, timeSec, timeSec, stepSec);
    return overlap > 0 && Number.isFinite(value) ? value * (1 - 1 / this.#times(overlap)) : 0;
  }

  observe(moment: Moment, value: number): number {
    const { timeSec, stepSec } = moment;
    const { spans } = this.#declared;
    const overlap = overlapOf(spans, timeSec, timeSec, stepSec);
    const span = overlap > 0 ? spans.find(({ toSec }) => toSec > timeSec) : undefined;
    if (!isSame(span, this.#span)) {
      if (this.#span !== undefined) this.#belief.close();
      this.#base.begin(moment);
    }
    this.#span = span;
    if (overlap === 0 || !Number.isFinite(value)) return 0;
    const level = Math.max(0, this.#base.level(moment));
    const declared = this.#gain * overlap * level;
    if (declared !== 0) this.#belief.learn((value - level) / declared, this.#base.noise(moment, declared));
    return value * (1 - 1 / this.#times(overlap));
  }

  bring({ fromSec, toSec, stepSec }: Ahead, level: number, to: Brought): boolean {
    const overlap = overlapOf(this.#declared.spans, fromSec, toSec, stepSec);
    if (overlap === 0) return false;
    const declared = this.#gain * overlap * level;
    to.stretch = this.#times(overlap);
    to.load = (to.stretch - 1) * level;
    to.variance = declared * declared * this.#belief.variance;
    return to.stretch !== 1 || to.variance > 0;
  }

  /** What is declared to come on top, in ordinary levels. */
  get #gain(): number {
    return (this.#declared.factor - 1) * this.#declared.part;
  }

  /** How many ordinary levels the bins are thought to have. */
  #times(overlap: number): number {
    return Math.max(leastShare, 1 + this.#gain * overlap * this.factor);
  }
}

/** A span may be cut short or made longer at one end while it runs. */
const isSame = (a: Span | undefined, b: Span | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && (a.fromSec === b.fromSec || a.toSec === b.toSec));

/** Part of the bins that begin at `fromSec` … `toSec` that lies in the spans. */
export function overlapOf(spans: readonly Span[], fromSec: number, toSec: number, stepSec: number): number {
  const endSec = toSec + stepSec;
  let sum = 0;
  for (const span of spans) {
    if (span.fromSec >= endSec) break;
    const overlapSec = Math.min(span.toSec, endSec) - Math.max(span.fromSec, fromSec);
    if (overlapSec > 0) sum += overlapSec;
  }
  return sum / (endSec - fromSec);
}
