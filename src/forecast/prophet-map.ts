// The exact optimum of Prophet's posterior (Taylor and Letham 2018; prophet.stan of Prophet 1.1) for additive terms and a flat or linear
// trend. There, given the noise, the posterior is a ridge regression with Laplace priors: reweighted least squares finds what Stan's L-BFGS
// approaches, in milliseconds, always the same, and without Stan's leak in WASM.
import { normalEquations } from './normal-equations.ts';
import { solve } from './solve.ts';

/** A design of `columns` numbers per row, row-major, with the priors of its coefficients. */
export interface ProphetProblem {
  readonly rows: number;
  readonly columns: number;
  readonly design: Float64Array;
  /** Scaled as Prophet scales: divided by the largest absolute value. NaN rows are not allowed. */
  readonly target: Float64Array;
  /** Standard deviation of the normal prior of each coefficient, or scale of its Laplace prior. */
  readonly priorScale: Float64Array;
  readonly isLaplace: Uint8Array;
}

export interface ProphetOptimum {
  readonly coefficients: Float64Array;
  /** Standard deviation of the noise, in the target's unit. */
  readonly sigma: number;
}

const passesMax = 30;
const settled = 1e-6;
/** |δ| below counts as 0 when Laplace priors are reweighted. */
const tiny = 1e-7;
/** Prior of sigma: half normal with this deviation. */
const sigmaPrior = 0.5;

/** Throws RangeError when there is nothing to fit. */
export function findOptimum(problem: ProphetProblem): ProphetOptimum {
  const { rows, columns, design, target, priorScale, isLaplace } = problem;
  if (rows < 2) throw new RangeError('Prophet needs two values at least');
  const gram = new Float64Array(columns * columns);
  const moment = new Float64Array(columns);
  normalEquations(design, new Float64Array(rows).fill(1), target, columns, gram, moment);
  const power = target.reduce((sum, value) => sum + value * value, 0);
  const coefficients = new Float64Array(columns);
  const matrix = new Float64Array(columns * columns);
  const right = new Float64Array(columns);
  let sigma = Math.max(1e-6, Math.sqrt(power / rows) * 0.3);
  for (let pass = 0; pass < passesMax; pass++) {
    matrix.set(gram);
    right.set(moment);
    const noise = sigma * sigma;
    for (let at = 0; at < columns; at++) {
      const scale = priorScale[at]!;
      const precision =
        isLaplace[at] === 0
          ? 1 / (scale * scale)
          : 1 / (scale * Math.max(tiny, pass === 0 ? scale : Math.abs(coefficients[at]!)));
      matrix[at * columns + at] = matrix[at * columns + at]! + noise * precision;
    }
    if (!solve(matrix, right, columns)) break;
    coefficients.set(right);
    const squares = Math.max(0, residualSquares(gram, moment, power, coefficients));
    // Stationary point of n·log σ + RSS/(2σ²) + σ²/(2·0.5²).
    const curvature = 1 / (sigmaPrior * sigmaPrior);
    const next = Math.sqrt((-rows + Math.sqrt(rows * rows + 4 * curvature * squares)) / (2 * curvature));
    const before = sigma;
    sigma = Math.max(1e-9, next);
    if (Math.abs(sigma - before) < settled * sigma && pass > (isLaplace.includes(1) ? 12 : 1)) break;
  }
  return { coefficients, sigma };
}

function residualSquares(gram: Float64Array, moment: Float64Array, power: number, weights: Float64Array): number {
  const { length } = weights;
  let squares = power;
  for (let at = 0; at < length; at++) {
    const weight = weights[at]!;
    squares -= 2 * weight * moment[at]!;
    const line = at * length;
    squares += weight * weight * gram[line + at]!;
    for (let other = 0; other < at; other++) squares += 2 * weight * weights[other]! * gram[line + other]!;
  }
  return squares;
}
