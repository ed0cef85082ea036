// What the rest of the fleet says of an area that has not yet lived through days of its own: their course of the day at its level, with their
// errors. Silent as soon as the area knows itself, and in a fleet of one.
import type { Expert } from './expert.ts';
import type { FleetHabits } from './fleet-habits.ts';
import type { History } from './history.ts';
import { levelCount } from './levels.ts';
import type { Origin, Target } from './origin.ts';

/** Half-life of what the area's level is taken from, in bins. */
const levelBins = 24;
const keep = 0.5 ** (1 / levelBins);
const profileMin = 0.01;

export class PooledExpert implements Expert {
  readonly name = 'pooled';
  readonly #target: Target;
  readonly #history: History;
  readonly #habits: FleetHabits;
  readonly #isYoung: () => boolean;
  readonly #errors = new Float64Array(levelCount);
  #load = 0;
  #expected = 0;

  constructor(target: Target, history: History, habits: FleetHabits, isYoung: () => boolean) {
    this.#target = target;
    this.#history = history;
    this.#habits = habits;
    this.#isYoung = isYoung;
  }

  forecast(origin: Origin, row: Float64Array): boolean {
    if (!this.#isYoung() || !this.#habits.isReady) return false;
    const bin = Math.round(this.#history.timeSec(origin.index) / this.#history.stepSec);
    if (!this.#history.isMissing(origin.index)) {
      this.#load = keep * this.#load + origin.value;
      this.#expected = keep * this.#expected + this.#habits.profile(bin, bin);
    }
    if (this.#expected < profileMin) return false;
    const level = this.#load / this.#expected;
    const point = level * this.#habits.profile(bin + this.#target.from, bin + this.#target.to);
    this.#habits.writeErrors(this.#target, this.#errors);
    for (let at = 0; at < levelCount; at++) row[at] = point + level * this.#errors[at]!;
    return true;
  }

  learn(): void {}
}
