// Learners fit seven levels; those between are interpolated on the normal scale. Fourteen fits would cost twice as much and say no more.
import { levels } from './levels.ts';

/** Where the fitted levels stand in a row. */
export const fitted = [0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95].map((level) =>
  levels.indexOf(level as (typeof levels)[number]),
);
export const middle = fitted.indexOf(levels.indexOf(0.5));

/** How far a level is on the way from the fitted one below it to the one above, by normal quantiles. */
const between = (
  [
    [0.2, 0.581],
    [0.4, 0.517],
    [0.6, 0.483],
    [0.8, 0.419],
  ] as const
).map(([level, share]) => ({ at: levels.indexOf(level), share }));

/** Writes the levels .05 … .95 of a row from the fitted ones; crossing levels are pulled to the one nearer to the median. */
export function fillBetween(values: Float64Array, row: Float64Array): void {
  for (let each = middle - 1; each >= 0; each--)
    if (values[each]! > values[each + 1]!) values[each] = values[each + 1]!;
  for (let each = middle + 1; each < fitted.length; each++)
    if (values[each]! < values[each - 1]!) values[each] = values[each - 1]!;
  for (let each = 0; each < fitted.length; each++) row[fitted[each]!] = values[each]!;
  for (const { at, share } of between) row[at] = row[at - 1]! + share * (row[at + 1]! - row[at - 1]!);
}
