// Declared load on a row of quantiles: its median moves, its distances stretch, and what is not known of the load is added to them.
import { levelCount, median, normalAt, tidy } from './levels.ts';
import type { Brought } from './prior.ts';

export function addBrought(row: Float64Array, { load, variance, stretch }: Brought): void {
  const centre = row[median]!;
  for (let at = 0; at < levelCount; at++) {
    const distance = (row[at]! - centre) * stretch;
    const spread = Math.sqrt(distance * distance + variance * normalAt[at]! ** 2);
    row[at] = centre + load + (at < median ? -spread : spread);
  }
  tidy(row, centre);
}

/** What is brought to several series, of each a `share`, as it comes to their sum. One declaration errs alike in all of them. */
export function sumBrought(
  parts: readonly { readonly brought: Brought | undefined; readonly share: number; readonly level: number }[],
): Brought | undefined {
  let load = 0;
  let deviation = 0;
  let stretched = 0;
  let level = 0;
  let isAny = false;
  for (const part of parts) {
    level += part.share * part.level;
    stretched += part.share * part.level * (part.brought?.stretch ?? 1);
    if (part.brought === undefined) continue;
    isAny = true;
    load += part.share * part.brought.load;
    deviation += part.share * Math.sqrt(part.brought.variance);
  }
  return isAny ? { load, variance: deviation * deviation, stretch: level > 0 ? stretched / level : 1 } : undefined;
}
