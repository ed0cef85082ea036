// The steps of a plan's time: the first is now, as measured; the others are predicted, and need not be of equal length.

const nowSec = 60;

export class Steps {
  readonly count: number;
  readonly #aheadSec: readonly number[];

  /** `horizonSec`: steps that begin later are left out. */
  constructor(aheadSec: readonly number[], horizonSec: number) {
    this.#aheadSec = aheadSec;
    this.count = 1 + aheadSec.filter((_, at) => (aheadSec[at - 1] ?? 0) < horizonSec).length;
  }

  /** Length of a step in seconds. */
  stepSec(step: number): number {
    const ahead = this.#aheadSec;
    if (step === 0) return Math.min(nowSec, ahead[0] ?? nowSec);
    return ahead[step - 1]! - (ahead[step - 2] ?? 0);
  }

  /** Steps that begin before then, now and the first always. */
  countBefore(sec: number): number {
    let count = Math.min(2, this.count);
    while (count < this.count && this.beginsInSec(count) < sec) count++;
    return count;
  }

  /** When a step begins, in seconds from now. */
  beginsInSec(step: number): number {
    return step <= 1 ? 0 : this.#aheadSec[step - 2]!;
  }
}
