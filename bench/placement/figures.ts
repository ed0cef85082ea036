// How figures are written in claims, and when one counts as measured.
import type { Estimate } from '../../src/sim/statistics.ts';

/** Undefined: not measured. */
export const judged = (value: number, holds: (value: number) => boolean): boolean | undefined =>
  Number.isNaN(value) ? undefined : holds(value);
export const percent = (part: number): string => (Number.isNaN(part) ? '–' : `${(100 * part).toFixed(1)} %`);
export const signed = (value: number): string => `${value > 0 ? '+' : ''}${value.toFixed(1)}`;
export const times = ({ value, low, high }: Estimate): string =>
  Number.isNaN(value) ? '–' : `${value.toFixed(2)} × (${low.toFixed(2)} … ${high.toFixed(2)})`;
/** A ratio as what is saved. */
export const fewer = ({ value, low, high }: Estimate): string =>
  Number.isNaN(value) ? '–' : `${percent(1 - value)} fewer (${percent(1 - high)} … ${percent(1 - low)})`;
