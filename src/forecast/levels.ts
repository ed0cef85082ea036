// The quantile levels that every forecast has, and what is done to any row of quantiles before it is shown: in order, not negative, finite.

/** Levels of the published quantiles, ascending. */
export const levels = [0.005, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.995] as const;
export const levelCount = levels.length;
/** Where the median stands in a row. */
export const median = levels.indexOf(0.5);
/** Levels .1 … .9, by which forecasts are scored (WQL). */
export const scoredFrom = levels.indexOf(0.1);
export const scoredTo = levels.indexOf(0.9);
/** Standard normal quantiles at the levels: how spread is shared out where nothing better is known. */
export const normalAt = Float64Array.from([
  -2.5758, -1.6449, -1.2816, -0.8416, -0.5244, -0.2533, 0, 0.2533, 0.5244, 0.8416, 1.2816, 1.6449, 2.3263, 2.5758,
]);

/** Sorts a row in place (insertion: rows are nearly sorted), lifts it to 0 and replaces what is not finite by `otherwise`. */
export function tidy(row: Float64Array, otherwise: number): void {
  const spare = Number.isFinite(otherwise) ? Math.max(0, otherwise) : 0;
  for (let at = 0; at < row.length; at++) {
    const value = row[at]!;
    const sound = Number.isFinite(value) ? (value > 0 ? value : 0) : spare;
    let to = at;
    while (to > 0 && row[to - 1]! > sound) {
      row[to] = row[to - 1]!;
      to--;
    }
    row[to] = sound;
  }
}

/** Pinball loss of one quantile forecast. */
export const pinball = (level: number, forecast: number, actual: number): number =>
  actual >= forecast ? level * (actual - forecast) : (1 - level) * (forecast - actual);

/** Mean pinball loss over the levels `from` … `to` of a row that begins at `offset`. */
export function rowLoss(row: Float64Array, actual: number, offset = 0, from = scoredFrom, to = scoredTo): number {
  let sum = 0;
  for (let at = from; at <= to; at++) sum += pinball(levels[at]!, row[offset + at]!, actual);
  return sum / (to - from + 1);
}
