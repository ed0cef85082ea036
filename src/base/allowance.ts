// What may be done a second time: a share of what is done at all, saved up to a limit. It keeps help from becoming a load of its own.

export class Allowance {
  readonly #share: number;
  readonly #most: number;
  #saved: number;

  /** Begins full. */
  constructor(share: number, most: number) {
    this.#share = share;
    this.#most = most;
    this.#saved = most;
  }

  /** Something was done for the first time. */
  earn(): void {
    this.#saved = Math.min(this.#most, this.#saved + this.#share);
  }

  get hasSome(): boolean {
    return this.#saved >= 1;
  }

  /** False: nothing is left. */
  spend(): boolean {
    if (!this.hasSome) return false;
    this.#saved -= 1;
    return true;
  }
}
