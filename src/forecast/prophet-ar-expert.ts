// Prophet's curve, corrected by its own errors: the last one and the recent mean, with coefficients learnt online.
import { EmpiricalErrors } from './empirical-errors.ts';
import type { Expert } from './expert.ts';
import type { Origin } from './origin.ts';

const forgetting = 0.5 ** (1 / 2016);
const ridge = 5;
const errorsMax = 25;
const guessedSpread = 1.5;

export class ProphetArExpert implements Expert {
  readonly name = 'prophet-ar';
  readonly #errors = new EmpiricalErrors();
  // Second moments of (last error, mean error) and their products with the error that came, in scales.
  #aa = ridge;
  #ab = 0;
  #bb = ridge;
  #ay = ridge * 0.5;
  #by = ridge * 0.4;

  forecast(origin: Origin, row: Float64Array): boolean {
    if (!Number.isFinite(origin.prophetTarget)) return false;
    this.#errors.write(row, this.#point(origin), origin.scale, guessedSpread);
    return true;
  }

  learn(origin: Origin, actual: number): void {
    if (!Number.isFinite(origin.prophetTarget)) return;
    this.#errors.add((actual - this.#point(origin)) / origin.scale);
    const a = bounded((origin.value - origin.prophetNow) / origin.scale);
    const b = bounded(origin.prophetError / origin.scale);
    const y = bounded((actual - origin.prophetTarget) / origin.scale);
    this.#aa = forgetting * this.#aa + a * a;
    this.#ab = forgetting * this.#ab + a * b;
    this.#bb = forgetting * this.#bb + b * b;
    this.#ay = forgetting * this.#ay + a * y;
    this.#by = forgetting * this.#by + b * y;
  }

  #point(origin: Origin): number {
    const determinant = (this.#aa + ridge) * (this.#bb + ridge) - this.#ab * this.#ab;
    const onLast = ((this.#bb + ridge) * this.#ay - this.#ab * this.#by) / determinant;
    const onMean = ((this.#aa + ridge) * this.#by - this.#ab * this.#ay) / determinant;
    return origin.prophetTarget + onLast * (origin.value - origin.prophetNow) + onMean * origin.prophetError;
  }
}

const bounded = (value: number): number => Math.max(-errorsMax, Math.min(errorsMax, value));
