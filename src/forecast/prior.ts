// What every declared thing does to a series: it takes its part out of what is measured, so that the experts never see it, and adds to their
// forecasts what it is thought to bring.
import type { History } from './history.ts';

/** A bin that was just measured, and what the series would have been without anything declared. */
export interface Moment {
  readonly history: History;
  readonly timeSec: number;
  readonly stepSec: number;
  /** The level before this bin. */
  readonly base: number;
  /** What Prophet says of this bin; NaN without a fit. */
  readonly curve: number;
  /** Local scale. */
  readonly scale: number;
}

/** Bins ahead: those that begin at `fromSec` … `toSec` (start of the last). */
export interface Ahead {
  readonly history: History;
  readonly fromSec: number;
  readonly toSec: number;
  readonly stepSec: number;
}

/** What a prior is thought to bring to bins, per bin. */
export interface Brought {
  load: number;
  /** Of `load`. */
  variance: number;
  /** Times so much every distance from the median. */
  stretch: number;
}

export type PriorKind = 'job' | 'hint' | 'calendar';

/** Which declared thing changed a forecast, and how much. */
export interface Effect {
  readonly kind: PriorKind;
  readonly name: string;
  /** Added to the median, in the unit of the series. */
  readonly load: number;
  /** Part of the declaration that is thought to come true. */
  readonly factor: number;
  /** Runs that were seen to their end; the declaration alone speaks at 0. */
  readonly runs: number;
  /** What else whoever asks why should know. */
  readonly note?: string;
}

export interface Prior {
  readonly kind: PriorKind;
  readonly name: string;
  readonly note: string | undefined;
  readonly factor: number;
  readonly runs: number;
  /** What it is thought to bring to the bin that was measured. */
  guess(moment: Moment, value: number): number;
  /** Learns from the bin and returns what of it is its own. `value`: without the other priors; NaN: nothing was measured. */
  observe(moment: Moment, value: number): number;
  /** What it brings to bins ahead, written to `to`; `level`: the median so far. False: nothing. */
  bring(ahead: Ahead, level: number, to: Brought): boolean;
}

/** Noise of one bin seen against the level before the run, in local scales. */
export const noiseScales = 3;

/** The level that a run is held against: that before it, moved as Prophet's curve did since. */
export class RunBase {
  #base = 0;
  #curve = 0;
  #sinceSec = 0;

  begin({ base, curve, timeSec }: Moment): void {
    [this.#base, this.#curve, this.#sinceSec] = [base, curve, timeSec];
  }

  level({ curve }: Moment): number {
    return this.#base + (Number.isFinite(curve) && Number.isFinite(this.#curve) ? curve - this.#curve : 0);
  }

  /** Variance of what one bin shows of a declared load: the longer ago the run began, the less the level before it says. */
  noise({ scale, timeSec }: Moment, declared: number): number {
    return ((noiseScales * scale) / declared) ** 2 * (1 + (timeSec - this.#sinceSec) / 3600);
  }
}
