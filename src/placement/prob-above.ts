// How likely a load is above a limit, by the quantiles that are known of it.
import { type QuantileRow, quantileLevels } from './view.ts';

const median = quantileLevels.indexOf(0.5);

/** By the quantiles of a row, linearly between them. */
export function probAbove(row: QuantileRow, limit: number): number {
  const last = quantileLevels.length - 1;
  const top = row[last]!;
  if (limit >= top) {
    // Beyond the outermost level the rest thins out over half the spread from the median.
    const spread = (top - row[median]!) / 2;
    return spread > 0 ? (1 - quantileLevels[last]!) * Math.exp(-(limit - top) / spread) : 0;
  }
  if (limit < row[0]!) return 1;
  let at = 1;
  while (limit >= row[at]!) at++;
  const width = row[at]! - row[at - 1]!;
  const part = width > 0 ? (limit - row[at - 1]!) / width : 1;
  return 1 - (quantileLevels[at - 1]! + part * (quantileLevels[at]! - quantileLevels[at - 1]!));
}
